import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { checkWebhookUrl, isReachable } from '../../../server/notices/webhooks/address.ts';
import { eventId } from '../../../server/notices/webhooks/event.ts';
import { DELIVERIES } from '../../../server/notices/webhooks/record.ts';
import { createWebhookSender } from '../../../server/notices/webhooks/sender.ts';
import type { Serial } from '../../../shared/types.ts';
import { startWebhookPeer, type WebhookPeer } from '../../support/webhook-peer.ts';
import { CALLER, JENNIFER, type Mailing, openMailing, START } from './mailing.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const LOST = {
  at: START,
  actor: 'localOwner',
  action: 'lost',
  account: JENNIFER,
  serial: 'FT00000001' as Serial,
  details: { reason: 'taxi', id: 'not the id' },
};

describe('webhooks', () => {
  let peer: WebhookPeer;
  let mailing: Mailing;
  beforeEach(async () => {
    peer = await startWebhookPeer();
    mailing = await openMailing();
    await mailing.sending.listen();
  });
  afterEach(async () => {
    await mailing.close();
    await peer.close();
  });

  const add = (events?: readonly string[]) =>
    mailing.webhooks.add({ url: `http://127.0.0.1:${peer.port}/hook`, events }, CALLER);
  const only = async () => (await mailing.webhooks.list())[0];
  const until = async (is: () => Promise<boolean>): Promise<void> => {
    while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const later = (millis: number): void => {
    mailing.clock.at = (mailing.clock.at + millis) as typeof START;
  };
  const expectSigned = (place: number, secret: string): void => {
    const { headers = {}, body = '' } = peer.calls[place] ?? {};
    const id = headers['fobd-webhook-id'];
    const timestamp = headers['fobd-webhook-timestamp'];
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    expect(key).to.have.length(32);
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    expect(headers['fobd-webhook-signature']?.split(' ')).to.include(`v1,${mac}`);
  };

  it('delivers an event, signed, with a stable id', async () => {
    const { secret } = await add(['lost']);
    await mailing.record({ ...LOST, action: 'found' });
    await mailing.record(LOST);
    await peer.called(1);
    const [call] = peer.calls;
    const id = call?.headers['fobd-webhook-id'];
    expect(id).to.match(/^audit-0123456789abcdef-3-[0-9a-f]{16}$/);
    expect(JSON.parse(call?.body ?? '')).to.deep.equal({
      id,
      type: 'lost',
      at: '2027-03-14T09:30:00.000Z',
      actor: 'localOwner',
      account: 'jennifer',
      serial: 'FT00000001',
      reason: 'taxi',
    });
    expect(call?.headers).to.include({
      'fobd-webhook-timestamp': String(START / 1000),
      'content-type': 'application/json',
    });
    expectSigned(0, secret);
    await until(async () => (await only())?.state.delivered === 1);
    expect((await only())?.state.waiting).to.equal(0);
    expect((await mailing.store.scan(DELIVERIES, { limit: 10 })).items).to.have.length(0);
  });

  it('signs with both secrets while a rotation lasts, then with the new one', async () => {
    const { secret: old, webhook } = await add(['lost']);
    const options = { overlapMillis: MINUTE };
    const { secret } = await mailing.webhooks.rotate(webhook.id, options, CALLER);
    await mailing.record(LOST);
    await peer.called(1);
    expectSigned(0, old);
    expectSigned(0, secret);
    later(MINUTE);
    await mailing.record(LOST);
    await peer.called(2);
    expectSigned(1, secret);
    expect(peer.calls[1]?.headers['fobd-webhook-signature']).to.not.contain(' ');
  });

  for (const answer of [500, 404, 'drop', 'redirect'] as const) {
    it(`tries again a minute after ${answer}, the same event under the same id`, async () => {
      await add(['lost']);
      peer.answer(answer);
      await mailing.record(LOST);
      await until(async () => (await only())?.state.failingSince !== undefined);
      expect(peer.calls).to.have.length(1);
      later(MINUTE);
      await peer.called(2);
      const [first, second] = peer.calls;
      expect(second?.url).to.equal('/hook');
      expect(second?.body).to.equal(first?.body);
      expect(second?.headers['fobd-webhook-id']).to.equal(first?.headers['fobd-webhook-id']);
      await until(async () => (await only())?.state.delivered === 1);
      expect((await only())?.state).to.not.have.property('failingSince');
    });
  }

  it('disables an endpoint that is gone, and goes on from there once it is enabled', async () => {
    const { webhook } = await add(['lost']);
    peer.answer(410);
    await mailing.record(LOST);
    await until(async () => (await only())?.webhook.disabledAt !== undefined);
    expect(mailing.logged).to.include('a webhook is disabled');
    await mailing.record(LOST);
    await mailing.webhooks.enable(webhook.id, CALLER);
    // What it had answered 410 to, too.
    await peer.called(3);
    await until(async () => (await only())?.state.delivered === 2);
    expect((await only())?.state).to.include({ waiting: 0, lost: 0 });
    const ids = peer.calls.map(({ headers }) => headers['fobd-webhook-id']);
    expect(new Set(ids)).to.have.length(2);
  });

  it('loses nothing that waits while an endpoint is disabled', async () => {
    const { webhook } = await add(['lost']);
    peer.answer(503, 503, 503, 410);
    for (let count = 0; count < 3; count += 1) await mailing.record(LOST);
    const waiting = async () => (await mailing.store.scan(DELIVERIES, { limit: 10 })).items;
    await until(
      async () => (await waiting()).filter(({ attempts }) => attempts === 1).length === 3,
    );
    later(MINUTE);
    await until(async () => (await only())?.webhook.disabledAt !== undefined);
    later(2 * DAY);
    const isPutOff = async () =>
      (await waiting()).every(({ nextAttemptAt }) => nextAttemptAt > mailing.clock.at);
    await until(isPutOff);
    await mailing.webhooks.enable(webhook.id, { ...CALLER, now: mailing.clock.at });
    await until(async () => (await only())?.state.delivered === 3);
    expect((await only())?.state).to.include({ waiting: 0, lost: 0 });
  });

  it('takes no more than twenty, however many come at once', async () => {
    const added = await Promise.allSettled(Array.from({ length: 30 }, () => add(['never'])));
    expect(added.filter(({ status }) => status === 'fulfilled')).to.have.length(20);
    expect(await mailing.webhooks.list()).to.have.length(20);
  });

  it('tells two events of one place in the log apart, as after a restore', () => {
    const place = { writer: '0123456789abcdef', sequence: 7, previousHash: '0'.repeat(64) };
    const lost = { ...LOST, ...place };
    expect(eventId(lost)).to.equal(eventId({ ...lost }));
    expect(eventId(lost)).to.not.equal(eventId({ ...lost, at: (START + 1) as typeof START }));
  });

  it('tries again at once what an earlier clock has put off for long', async () => {
    await add(['lost']);
    later(400 * DAY);
    peer.answer(500);
    await mailing.record(LOST);
    await until(async () => (await only())?.state.failingSince !== undefined);
    mailing.clock.at = START;
    await until(async () => (await only())?.state.delivered === 1);
  });

  it('disables one that has failed for three days', async () => {
    await add(['lost']);
    peer.answer(...Array.from({ length: 2 }, () => 503));
    await mailing.record(LOST);
    await until(async () => (await only())?.state.failingSince !== undefined);
    later(3 * DAY);
    await until(async () => (await only())?.webhook.disabledBecause === 'failing');
    const { items } = await mailing.store.auditPage({ after: 0, limit: 100 });
    expect(items.at(-1)?.action).to.equal('disableWebhook');
  });

  it('goes on with what waited when it is opened again', async () => {
    await add(['lost']);
    await mailing.sending.close();
    await mailing.record(LOST);
    const again = await openMailing({ store: mailing.store });
    await again.sending.listen();
    await peer.called(1);
    await again.sending.close();
  });

  it('delivers nothing to one that was removed', async () => {
    const { webhook } = await add(['lost']);
    await mailing.webhooks.remove(webhook.id, CALLER);
    await mailing.record(LOST);
    const { secret: _secret } = await add(['found']);
    await mailing.record({ ...LOST, action: 'found' });
    await peer.called(1);
    expect(JSON.parse(peer.calls[0]?.body ?? '')).to.include({ type: 'found' });
  });

  it('gives up a call that nobody answers', async () => {
    peer.answer('mute');
    const sender = createWebhookSender({ attemptMillis: 200 });
    const url = `http://127.0.0.1:${peer.port}/`;
    const answer = await sender.post({ url, allowsPrivate: false, headers: {}, body: '{}' });
    expect(answer).to.deep.equal({ result: 'failed', failure: 'ETIMEDOUT' });
    await sender.close();
  });
});

describe('where webhooks may go', () => {
  const check =
    (url: string, allowsPrivate = false) =>
    () =>
      checkWebhookUrl(url, { allowsPrivate });

  for (const url of ['https://example.com/hook', 'http://localhost:80/', 'http://[::1]:9/x']) {
    it(`takes ${url}`, () => {
      expect(check(url)).to.not.throw();
    });
  }
  for (const url of [
    'http://example.com/',
    'ftp://example.com/',
    'no address',
    'https://user:word@example.com/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest',
    'https://[fd00::1]/',
    'https://[::ffff:10.0.0.1]/',
  ]) {
    it(`refuses ${url}`, () => {
      expect(check(url)).to.throw().with.property('code', 'invalidInput');
    });
  }
  it('takes a private one where that is allowed', () => {
    expect(check('https://10.0.0.1/', true)).to.not.throw();
    expect(isReachable('10.0.0.1', 'any')).to.equal(true);
    expect(isReachable('10.0.0.1', 'public')).to.equal(false);
    expect(isReachable('8.8.8.8', 'loopback')).to.equal(false);
  });
  it('finds no private address behind a public name', async () => {
    const { lookupWithin } = await import('../../../server/notices/webhooks/address.ts');
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      lookupWithin('public')('localhost', {}, (failure) => resolve(failure));
    });
    expect(error?.code).to.equal('EADDRESSREFUSED');
  });
});
