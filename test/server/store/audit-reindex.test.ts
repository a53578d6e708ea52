import { expect } from 'chai';
import { reindexAudit } from '../../../server/store/audit-reindex.ts';
import { createLevelBackend } from '../../../server/store/backend.ts';
import { auditIndexKey } from '../../../server/store/keys.ts';
import { createMemoryData, type MemoryData } from '../../../server/store/memory.ts';
import { openStore } from '../../../server/store/open.ts';
import type { Store } from '../../../server/store/port.ts';
import { CONTRACT_OPTIONS, commit, draft } from '../../contract/store-fruits.ts';
import { allPages, draftOf, fillLog, momentOf } from './long-log.ts';

const RUN = 4096;
const LAST = 2 * RUN + 500;
const INDEX = { gte: 'x\u0000', lt: 'x\u0001' };

async function opened(data: MemoryData): Promise<Store> {
  await data.open();
  return openStore(createLevelBackend(data), CONTRACT_OPTIONS);
}

describe('the audit index, damaged', () => {
  let data: MemoryData;
  let whole: readonly (readonly [string, string])[];

  beforeEach(async () => {
    data = createMemoryData();
    const store = await opened(data);
    await fillLog(store, { first: 1, last: LAST });
    await store.close();
    await data.open();
    whole = await data.iterator(INDEX).all();
  });

  const rowOf = (name: string): string => {
    const key = whole.map(([found]) => found).find((found) => found.startsWith(`x\u0000${name}`));
    if (key === undefined) throw new Error(`there is no row of ${name}`);
    return key;
  };
  const damages: Record<string, readonly [() => Promise<void>, number]> = {
    'a removed row': [() => data.del(rowOf('serial')), 1],
    'a changed row': [
      async () => {
        const key = rowOf('application');
        await data.put(key, ((await data.get(key)) ?? '').replace(/ \w+/, ''));
      },
      1,
    ],
    'a row too many': [() => data.put(auditIndexKey('account', 1, 99), 'kim\t0\n'), RUN + 1],
    'a run that is not complete': [
      () => data.put(auditIndexKey('serial', 2, 0), 'FT1\t0\n'),
      2 * RUN + 1,
    ],
    'moments that leave a run out': [() => data.put(auditIndexKey('time', 1, 0), '0 1'), RUN + 1],
    'removed blocks': [() => data.del(auditIndexKey('timeBlocks', 0, 0)), 1],
  };
  for (const [what, [damage, faultAt]] of Object.entries(damages)) {
    it(`is found and made again: ${what}`, async () => {
      await damage();
      const store = await opened(data);
      const fault = { sound: false, fault: 'indexDamaged', faultAt, entries: LAST };
      expect(await store.verifyAudit()).to.include(fault);
      expect(await store.auditLog.reindex()).to.deep.equal({ runs: 2, repaired: 1 });
      expect(await store.verifyAudit()).to.include({ sound: true, entries: LAST });
      const { serial } = draftOf(5);
      const query = { from: momentOf(5000), to: momentOf(5010), limit: 500 };
      expect(await allPages(store, query)).to.have.length(10);
      if (serial !== undefined)
        expect(await allPages(store, { serial, limit: 500 })).not.to.be.empty;
      await store.close();
      await data.open();
      expect(await data.iterator(INDEX).all()).to.deep.equal(whole);
      await data.close();
    });
  }

  it('does not hide what is wrong with an entry', async () => {
    await data.del(rowOf('serial'));
    const [segment = ''] = await data.keys({ gte: 'a\u0000', lt: 'a\u0001', limit: 1 }).all();
    await data.put(segment, ((await data.get(segment)) ?? '').replace('verify', 'unlock'));
    const store = await opened(data);
    expect(await store.verifyAudit()).to.include({ fault: 'changed', faultAt: 1 });
    await store.close();
  });

  it('of format 2 is brought up, broken off at any write, and right after', async () => {
    for (const [key] of whole) {
      if (!/^x\0(?:serial|account)\0/.test(key)) await data.del(key);
    }
    const backend = createLevelBackend(data);
    let left = 1;
    const dying = {
      ...backend,
      async write(operations: Parameters<typeof backend.write>[0]) {
        if (left === 0) throw new Error('killed');
        left -= 1;
        await backend.write(operations);
      },
    };
    await reindexAudit(dying).then(
      () => expect.fail('was not broken off'),
      () => undefined,
    );
    expect(await reindexAudit(backend)).to.deep.equal({ runs: 2, repaired: 1 });
    expect(await reindexAudit(backend)).to.deep.equal({ runs: 2, repaired: 0 });
    expect(await data.iterator(INDEX).all()).to.deep.equal(whole);
    await data.close();
    const store = await opened(data);
    const { application } = draftOf(1);
    if (application === undefined) throw new Error('no application');
    const found = await allPages(store, { application, limit: 500 });
    expect(found.length).to.be.within(LAST / 7 - 1, LAST / 7 + 1);
    await commit(store, [], [draft('later')]);
    expect(await store.verifyAudit()).to.include({ sound: true, entries: LAST + 1 });
    await store.close();
  });
});
