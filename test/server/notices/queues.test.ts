import { expect } from 'chai';
import sinon from 'sinon';
import { accountKey } from '../../../server/accounts/record.ts';
import { NOTICE_CLASSES } from '../../../server/notices/classes.ts';
import { createQueueWatch, MAIL_WAITS_MILLIS_MAX } from '../../../server/notices/queues.ts';
import { put, replyOnly } from '../../../server/store/port.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { startSmtpPeer } from '../../support/smtp-peer.ts';
import { startWebhookPeer } from '../../support/webhook-peer.ts';
import {
  CALLER,
  JENNIFER,
  type Mailing,
  mailTo,
  openMailing,
  registered,
  START,
} from './mailing.ts';

describe('what waits to be sent', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  const open = async (options: Parameters<typeof openMailing>[0] = {}): Promise<Mailing> => {
    const mailing = await openMailing(options);
    opened.push(mailing);
    return mailing;
  };
  const until = async (is: () => Promise<boolean>): Promise<void> => {
    while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('is counted by what the mails are about, with the age of the oldest', async () => {
    const { queues, write } = await open();
    expect(queues.last()).to.equal(undefined);
    await write(registered('a'));
    await write(registered('b', { at: (START - 5_000) as UnixMillis }));
    await write(registered('c', { template: 'emailChanged', values: { at: '2027-01-01' } }));
    await write(registered('d', { to: [] }));
    await queues.look();
    expect(queues.last()?.mails).to.deep.equal(new Map([['security', 3]]));
    expect(queues.last()?.oldestMailAt).to.equal(START - 5_000);
  });

  it('is held up once a mail has waited for an hour, and no more when it was sent', async () => {
    const peer = await startSmtpPeer();
    opened.push(peer);
    const { queues, write, sending, until: untilNotice } = await open({ mail: mailTo(peer.port) });
    await write(registered('a'));
    await queues.look();
    expect(queues.isMailHeldUp((START + MAIL_WAITS_MILLIS_MAX) as UnixMillis)).to.equal(false);
    expect(queues.isMailHeldUp((START + MAIL_WAITS_MILLIS_MAX + 1) as UnixMillis)).to.equal(true);
    await sending.listen();
    await untilNotice('a', ({ state }) => state === 'sent');
    await queues.look();
    expect(queues.last()?.mails.size).to.equal(0);
    expect(queues.isMailHeldUp((START + 100 * MAIL_WAITS_MILLIS_MAX) as UnixMillis)).to.equal(
      false,
    );
  });

  it('waits anew once somebody has it sent again', async () => {
    const { queues, service, write, store } = await open();
    await write(registered('a', { to: [] }));
    const address = { version: 1, id: JENNIFER, email: 'j@example.com', createdAt: START } as never;
    await store.transact([accountKey(JENNIFER)], () => ({
      ...replyOnly(undefined),
      writes: [put(accountKey(JENNIFER), address)],
    }));
    const later = (START + 5 * MAIL_WAITS_MILLIS_MAX) as UnixMillis;
    await service.retry('a', { ...CALLER, now: later });
    await queues.look();
    expect(queues.last()?.oldestMailAt).to.equal(later);
    expect(queues.isMailHeldUp((later + 1) as UnixMillis)).to.equal(false);
  });

  it('is of endpoints by how each does', async () => {
    const peer = await startWebhookPeer();
    opened.push(peer);
    const mailing = await open();
    const { queues, webhooks, sending } = mailing;
    await sending.listen();
    const url = `http://127.0.0.1:${peer.port}/`;
    await webhooks.add({ url, events: ['lost'] }, CALLER);
    await webhooks.add({ url, events: ['never'] }, CALLER);
    peer.answer(410);
    for (let count = 0; count < 3; count += 1) {
      await mailing.record({ at: START, actor: 'test', action: 'lost', account: JENNIFER });
      const isDisabled = async () =>
        (await webhooks.list()).some(({ webhook }) => webhook.disabledAt !== undefined);
      if (count === 0) await until(isDisabled);
    }
    await queues.look();
    expect(queues.last()?.endpoints).to.deep.equal(
      new Map([
        ['disabled', 1],
        ['well', 1],
      ]),
    );
    expect(queues.last()?.deliveries.get('disabled')).to.equal(1);
  });

  it('reads the mails that wait and no others, however many were sent', async () => {
    const { store, write } = await open();
    for (let count = 0; count < 30; count += 1) await write(registered(`u${count}`, { to: [] }));
    await write(registered('a'));
    const scan = sinon.spy(store, 'scan');
    await createQueueWatch(store).look();
    const read = await Promise.all(scan.returnValues);
    expect(read.flatMap(({ items }) => items)).to.have.length(1);
  });

  it('tells whoever counts what became of each mail', async () => {
    const peer = await startSmtpPeer();
    opened.push(peer);
    const told: string[] = [];
    const observe = {
      mail: (about: string, state: string) => void told.push(`${about} ${state}`),
      call: () => undefined,
      lost: () => undefined,
    };
    const mailing = await open({ mail: mailTo(peer.port), observe });
    await mailing.sending.listen();
    await mailing.write(registered('a'));
    await mailing.write(registered('b', { to: [] }));
    await mailing.write(registered('a'));
    await mailing.until('a', ({ state }) => state === 'sent');
    await until(async () => told.length === 3);
    expect(told.sort()).to.deep.equal([
      'security queued',
      'security sent',
      'security undeliverable',
    ]);
    expect(NOTICE_CLASSES).to.include('security');
  });
});
