import { expect } from 'chai';
import { emptyHead } from '../../../server/audit/chain.ts';
import type { AuditHead } from '../../../server/audit/entry.ts';
import { type Backend, createLevelBackend, type Operation } from '../../../server/store/backend.ts';
import { BASE_KEY } from '../../../server/store/keys.ts';
import { createMemoryData, type MemoryData } from '../../../server/store/memory.ts';
import { openStore } from '../../../server/store/open.ts';
import type { Store } from '../../../server/store/port.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import {
  CONTRACT_OPTIONS,
  commit,
  draft,
  refusal,
  rejection,
} from '../../contract/store-fruits.ts';
import { allPages, draftOf, fillLog, momentOf } from './long-log.ts';

const RUN = 4096;
/** Two whole runs and a part of the third. */
const LAST = 9000;

const retainDraft = draft('retain');

async function opened(data: MemoryData): Promise<Store> {
  await data.open();
  return openStore(createLevelBackend(data), CONTRACT_OPTIONS);
}

/** Groups of 3, then of one, then big ones: segments of all sizes. */
async function filled(): Promise<{ store: Store; data: MemoryData }> {
  const data = createMemoryData();
  const store = await opened(data);
  for (const [first, last] of [
    [1, 3],
    [4, 4],
    [5, 5],
    [6, 300],
    [301, 5000],
    [5001, LAST],
  ] as const) {
    await fillLog(store, { first, last });
  }
  return { store, data };
}

async function keysOf(data: MemoryData, prefix: string): Promise<readonly string[]> {
  return data.keys({ gte: `${prefix}\u0000`, lt: `${prefix}\u0001` }).all();
}

async function retainThrough(store: Store, through: number): Promise<AuditHead> {
  const reach = await store.auditLog.reach({ through });
  await store.auditLog.retain(reach, retainDraft);
  return reach;
}

/** The log is sound, begins after `base`, and its queries find what is left and nothing else. */
async function expectWhole(store: Store, base: number, last: number): Promise<void> {
  const verdict = await store.verifyAudit();
  expect(verdict).to.include({ sound: true, entries: last - base });
  const { serial, account } = draftOf(Math.max(base, 4000) + 10);
  for (const about of [
    { serial },
    { account },
    { from: momentOf(base - 20), to: momentOf(base + 30) },
  ]) {
    const found = await allPages(store, { limit: 500, ...(about as object) });
    for (const entry of found) expect(entry.sequence).to.be.greaterThan(base);
    const expected = Array.from({ length: LAST - base }, (_, place) => base + place + 1).filter(
      (sequence) => {
        const entry = draftOf(sequence);
        if ('from' in about) return entry.at < (about.to ?? 0);
        return 'serial' in about ? entry.serial === about.serial : entry.account === about.account;
      },
    );
    const shown = found.filter(({ action }) => action === 'verify');
    expect(shown.map(({ sequence }) => sequence)).to.deep.equal(expected);
  }
}

describe('audit retention', () => {
  it('reaches to the end of a segment, and never to the last entry', async () => {
    const { store } = await filled();
    const reached = async (through: number) => (await store.auditLog.reach({ through })).sequence;
    expect(await reached(0)).to.equal(0);
    expect(await reached(2)).to.equal(0);
    expect(await reached(3)).to.equal(3);
    expect(await reached(4)).to.equal(4);
    expect(await reached(68)).to.equal(5);
    expect(await reached(69)).to.equal(69);
    expect(await reached(Number.MAX_SAFE_INTEGER)).to.be.within(LAST - 64, LAST - 1);
    await store.close();
  });

  it('reaches to the first entry that is not old enough, wherever the clock jumped', async () => {
    const { store } = await filled();
    const reach = async (olderThan: number) =>
      (await store.auditLog.reach({ through: LAST, olderThan: olderThan as UnixMillis })).sequence;
    expect(await reach(momentOf(1))).to.equal(0);
    expect(await reach(momentOf(6))).to.equal(5);
    expect(await reach(momentOf(5001))).to.equal(5000);
    expect(await reach(momentOf(8000))).to.be.within(7930, 7999);
    // An old entry after a young one stays with it.
    await commit(store, [], [draft('late', { at: momentOf(1) })]);
    expect(await reach(momentOf(8000))).to.be.within(7930, 7999);
    await store.close();
  });

  for (const through of [3, 300, RUN - 60, RUN, RUN + 4, 5000, 2 * RUN, 8900]) {
    it(`leaves a log that verifies and answers, through ${through}`, async () => {
      const { store, data } = await filled();
      const { sequence } = await retainThrough(store, through);
      await expectWhole(store, sequence, LAST + 1);
      const { items } = await store.auditPage({ after: 0, limit: 1 });
      expect(items[0]?.sequence).to.equal(sequence + 1);
      await store.close();
      const again = await opened(data);
      await expectWhole(again, sequence, LAST + 1);
      await commit(again, [], [draft('later')]);
      expect(await again.verifyAudit()).to.include({ sound: true, entries: LAST + 2 - sequence });
      const oldest = (await keysOf(data, 'a'))[0]?.split('\u0000')[1];
      expect(Number(oldest)).to.equal(sequence + 1);
      const runs = (await keysOf(data, 'x')).map((key) => Number(key.split('\u0000')[2]));
      for (const run of runs) expect(run).to.be.at.least(Math.floor(sequence / RUN));
      await again.close();
    });
  }

  it('goes on from where it ended, and is itself in the log', async () => {
    const { store } = await filled();
    for (const through of [300, 301, 4500, 8800]) await retainThrough(store, through);
    const { base, head } = await store.auditLog.bounds();
    expect(base.sequence).to.be.within(8737, 8800);
    expect(head.sequence).to.equal(LAST + 4);
    const { items } = await store.auditPage({ after: LAST, limit: 10 });
    expect(items.map(({ action }) => action)).to.deep.equal(Array(4).fill('retain'));
    await expectWhole(store, base.sequence, LAST + 4);
    await store.close();
  });

  it('refuses a place that is not where it reaches', async () => {
    const { store } = await filled();
    const reach = await store.auditLog.reach({ through: 4500 });
    await refusal(
      store.auditLog.retain({ ...reach, hash: '0'.repeat(64) }, retainDraft),
      'internal',
    );
    const inside = { ...reach, sequence: reach.sequence - 1 };
    await refusal(store.auditLog.retain(inside, retainDraft), 'internal');
    expect(await store.verifyAudit()).to.include({ sound: true, entries: LAST });
    await store.close();
  });

  it('goes on while entries are written, also ones that complete a run', async () => {
    const { store } = await filled();
    const { sequence } = await store.auditLog.reach({ through: 8300 });
    // The third run ends at 12,288: the base cuts into it while it is completed.
    const writing = fillLog(store, { first: LAST + 1, last: 13_000 });
    const retaining = retainThrough(store, 8300);
    await Promise.all([writing, retaining]);
    const verdict = await store.verifyAudit();
    expect(verdict).to.include({ sound: true, entries: 13_001 - sequence });
    await store.close();
  });

  it('finds a run completed between plan and write, and leaves its rows right', async () => {
    const { store, data } = await filled();
    await fillLog(store, { first: LAST + 1, last: 3 * RUN - 1 });
    // The retention's own entry completes the run that its base cuts into.
    const { sequence } = await retainThrough(store, 8300);
    expect(await store.verifyAudit()).to.include({ sound: true, entries: 3 * RUN - sequence });
    await store.close();
    const again = await opened(data);
    expect(await again.verifyAudit()).to.include({ sound: true, entries: 3 * RUN - sequence });
    await again.close();
  });
});

/** Everything that is written, until `writes` have been: then the process is as if killed. */
function killedAfter(inner: Backend, writes: number): Backend {
  let left = writes;
  return {
    ...inner,
    async write(operations: readonly Operation[]) {
      if (left === 0) throw new Error('killed');
      left -= 1;
      await inner.write(operations);
    },
  };
}

describe('a retention that is broken off', () => {
  it('is done, or not begun, when the store is opened again; after every write', async () => {
    let writes = 0;
    let last: AuditHead = emptyHead('contract');
    for (let isDone = false; !isDone; writes += 1) {
      const { store: made, data } = await filled();
      await made.close();
      await data.open();
      const store = await openStore(
        killedAfter(createLevelBackend(data), writes),
        CONTRACT_OPTIONS,
      );
      const reach = await store.auditLog.reach({ through: 8000 });
      const retaining = store.auditLog.retain(reach, retainDraft);
      if (writes === 0) await rejection(retaining);
      else
        isDone = await retaining.then(
          () => true,
          () => false,
        );
      await store.close();
      const again = await opened(data);
      const { base } = await again.auditLog.bounds();
      expect(base.sequence, `after ${writes}`).to.equal(writes === 0 ? 0 : reach.sequence);
      await expectWhole(again, base.sequence, writes === 0 ? LAST : LAST + 1);
      expect(await keysOf(data, 'a')).to.have.length.below(writes === 0 ? 400 : 40);
      await again.close();
      last = base;
    }
    expect(last.sequence).to.be.within(7930, 8000);
    // The base, the segments in slices, the index in slices.
    expect(writes).to.be.greaterThan(5);
  }).timeout(60_000);

  it('has its base taken from nobody but itself', async () => {
    const { store, data } = await filled();
    await retainThrough(store, 4500);
    await store.close();
    await data.open();
    await data.put(
      BASE_KEY,
      ((await data.get(BASE_KEY)) ?? '').replace(/"sequence":\d+/, '"sequence":4500'),
    );
    const again = await opened(data);
    expect(await again.verifyAudit()).to.include({ sound: false, fault: 'baseForged' });
    expect(await again.failed).to.include({ code: 'dataDirectoryDamaged' });
    await again.close();
  });
});
