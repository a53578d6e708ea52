import { expect } from 'chai';
import sinon from 'sinon';
import { createAuditService } from '../../../server/audit/service.ts';
import { announceRemoval } from '../../../server/notices/webhooks/removal.ts';
import type { Serial } from '../../../shared/types.ts';
import { startWebhookPeer, type WebhookPeer } from '../../support/webhook-peer.ts';
import { CALLER, JENNIFER, type Mailing, openMailing, START } from './mailing.ts';

const ENTRIES = 300;
const RETAIN = { at: START, actor: 'localOwner', action: 'retain' };

describe('retention before a webhook has read the log', () => {
  let peer: WebhookPeer;
  let mailing: Mailing;
  beforeEach(async () => {
    peer = await startWebhookPeer();
    // Nothing is dispatched yet: every endpoint is behind.
    mailing = await openMailing();
  });
  afterEach(async () => {
    await mailing.close();
    await peer.close();
  });

  const add = (events?: readonly string[]) =>
    mailing.webhooks.add({ url: `http://127.0.0.1:${peer.port}/hook`, events }, CALLER);
  const stateOf = async (id: string) =>
    (await mailing.webhooks.list()).find(({ webhook }) => webhook.id === id)?.state;
  /** Every third of them is a loss. */
  const recordAll = async () => {
    for (let count = 0; count < ENTRIES; count += 1) {
      const action = count % 3 === 0 ? 'lost' : 'found';
      const serial = 'FT00000001' as Serial;
      await mailing.record({ at: START, actor: 'test', action, account: JENNIFER, serial });
    }
  };
  const sequences = async (action: string) => {
    const { items } = await mailing.store.auditPage({ after: 0, limit: 500 });
    return items.filter((entry) => entry.action === action).map(({ sequence }) => sequence);
  };
  const reach = () => mailing.store.auditLog.reach({ through: 200 });
  const retain = async () => {
    const through = await reach();
    expect(through.sequence).to.be.greaterThan(50);
    await mailing.removing(through.sequence, () => mailing.store.auditLog.retain(through, RETAIN));
    return through.sequence;
  };
  const until = async (is: () => Promise<boolean>): Promise<void> => {
    while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('counts exactly the events that it will never get, and delivers the rest', async () => {
    const { webhook: losses } = await add(['lost']);
    const { webhook: all, state: begun } = await add();
    await recordAll();
    const lost = await sequences('lost');
    const through = await retain();
    const gone = lost.filter((sequence) => sequence <= through).length;
    expect(await stateOf(losses.id)).to.deep.include({
      sequence: through,
      lost: gone,
      lostToRetention: gone,
    });
    expect(await stateOf(all.id)).to.deep.include({ lost: through - begun.sequence });
    expect(await stateOf(all.id)).not.to.have.property('removal');
    expect(mailing.logged).to.include('the audit log was cut before a webhook had read it');
    await mailing.webhooks.remove(all.id, CALLER);
    await mailing.sending.listen();
    await until(async () => (await stateOf(losses.id))?.delivered === lost.length - gone);
    expect(await stateOf(losses.id)).to.include({ lost: gone, waiting: 0 });
  });

  it('counts for a disabled one too, and nothing for one that has read them', async () => {
    const { webhook } = await add(['lost']);
    await mailing.sending.listen();
    peer.answer(410);
    await mailing.record({ at: START, actor: 'test', action: 'lost', account: JENNIFER });
    await until(async () => (await mailing.webhooks.list())[0]?.webhook.disabledAt !== undefined);
    await recordAll();
    const { webhook: up } = await add(['found']);
    const through = await retain();
    const state = await stateOf(webhook.id);
    expect(state?.lost).to.be.greaterThan(10);
    expect(state?.sequence).to.equal(through);
    expect(await stateOf(up.id)).to.include({ lost: 0 });
  });

  it('counts them after a crash in between, once', async () => {
    const { webhook } = await add(['lost']);
    await recordAll();
    const lost = await sequences('lost');
    const through = await reach();
    await announceRemoval(through.sequence, mailing.store);
    await mailing.store.auditLog.retain(through, RETAIN);
    const again = await openMailing({ store: mailing.store });
    await again.sending.listen();
    const gone = lost.filter((sequence) => sequence <= through.sequence).length;
    await until(async () => (await stateOf(webhook.id))?.delivered === lost.length - gone);
    expect(await stateOf(webhook.id)).to.include({ lost: gone });
    await again.sending.close();
  });

  it('counts those of a retention that crashed before it settles another', async () => {
    const { webhook } = await add(['lost']);
    await recordAll();
    const lost = await sequences('lost');
    const first = await mailing.store.auditLog.reach({ through: 100 });
    await announceRemoval(first.sequence, mailing.store);
    await mailing.store.auditLog.retain(first, RETAIN);
    // As `fobd audit retain` opens it: nothing is dispatched before.
    const again = await openMailing({ store: mailing.store });
    const second = await reach();
    expect(second.sequence).to.be.greaterThan(first.sequence);
    await again.removing(second.sequence, () => mailing.store.auditLog.retain(second, RETAIN));
    const gone = lost.filter((sequence) => sequence <= second.sequence).length;
    expect(await stateOf(webhook.id)).to.include({ lost: gone, lostToRetention: gone });
  });

  it('counts those of a retention that failed once the log had begun later', async () => {
    const { webhook } = await add(['lost']);
    await mailing.removing(1, () => Promise.resolve());
    await recordAll();
    const lost = await sequences('lost');
    const through = await reach();
    const failing = mailing.removing(through.sequence, async () => {
      await mailing.store.auditLog.retain(through, RETAIN);
      throw new Error('rows stay');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('rows stay');
    await mailing.sending.listen();
    const gone = lost.filter((sequence) => sequence <= through.sequence).length;
    await until(async () => (await stateOf(webhook.id))?.delivered === lost.length - gone);
    expect(await stateOf(webhook.id)).to.include({ lost: gone });
  });

  it('is carried out also where nothing can be counted then: that is made up for', async () => {
    const { webhook } = await add(['lost']);
    await recordAll();
    const through = await reach();
    let full: sinon.SinonStub | undefined;
    await mailing.removing(through.sequence, async () => {
      await mailing.store.auditLog.retain(through, RETAIN);
      full = sinon.stub(mailing.store, 'transact').rejects(new Error('too much waits'));
    });
    expect(full?.callCount).to.be.greaterThan(0);
    full?.restore();
    expect(await stateOf(webhook.id)).to.include({ lost: 0 });
    await mailing.removing(1, () => Promise.resolve());
    expect((await stateOf(webhook.id))?.lost).to.be.greaterThan(10);
  });

  it('counts what nobody has announced where it can, and warns where not', async () => {
    const { webhook: losses } = await add(['lost']);
    const { webhook: all, state: begun } = await add();
    await recordAll();
    const through = await reach();
    await mailing.store.auditLog.retain(through, RETAIN);
    await mailing.removing(1, () => Promise.resolve());
    expect(await stateOf(all.id)).to.include({ lost: through.sequence - begun.sequence });
    expect(await stateOf(losses.id)).to.include({ lost: 0, sequence: through.sequence });
    const warned = mailing.logged.filter((text) => text.includes('was cut before'));
    expect(warned).to.have.length(2);
  });

  it('counts nothing of a retention that was not carried out', async () => {
    const { webhook } = await add(['lost']);
    await recordAll();
    await announceRemoval((await reach()).sequence, mailing.store);
    await mailing.sending.listen();
    await until(async () => (await stateOf(webhook.id))?.delivered === ENTRIES / 3);
    expect(await stateOf(webhook.id)).to.include({ lost: 0 });
  });

  it('is what the audit service does, and a failed removal counts nothing', async () => {
    const { webhook } = await add(['lost']);
    await recordAll();
    const service = createAuditService({
      store: mailing.store,
      wrappingKey: new Uint8Array(32),
      rng: { bytes: (length) => new Uint8Array(length), uniform: () => 0 },
      policy: { keepMillis: 0, keepEntries: 1 },
      removing: mailing.removing,
    });
    const caller = { ...CALLER, now: (START + 1) as typeof START };
    const planned = await service.planRetention({ before: 200 }, caller);
    const failing = mailing.removing(planned.through, () => Promise.reject(new Error('no disk')));
    expect(await failing.catch((error: Error) => error.message)).to.equal('no disk');
    expect(await stateOf(webhook.id)).to.include({ lost: 0 });
    await service.retain({ ...planned, exported: true }, caller);
    const state = await stateOf(webhook.id);
    expect(state?.lost).to.be.greaterThan(10);
    expect(state?.lost).to.equal(state?.lostToRetention);
  });
});
