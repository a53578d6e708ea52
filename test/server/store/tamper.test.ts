import { cp } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { Level } from 'level';
import { sealHead } from '../../../server/audit/chain.ts';
import { HEAD_KEY, segmentKey } from '../../../server/store/keys.ts';
import { openLevelStore } from '../../../server/store/level.ts';
import { put, type Store } from '../../../server/store/port.ts';
import {
  CONTRACT_OPTIONS,
  commit,
  draft,
  fruit,
  fruitKey,
  refusal,
} from '../../contract/store-fruits.ts';
import { makeTemporary, type Temporary } from './temporary.ts';

/** Hands on a copy of a store's directory: whatever was done to its audit log is found. */
describe('tampering with the audit log of a level store', () => {
  let temporary: Temporary;
  let whole: string;
  let middle: string;
  let copies = 0;

  // Groups of 3 + 10 + 1 entries: segments that begin at 1, 4 and 14.
  before(async () => {
    temporary = await makeTemporary();
    whole = path.join(temporary.directory, 'whole');
    middle = path.join(temporary.directory, 'middle');
    const store = await openLevelStore(whole, CONTRACT_OPTIONS);
    await commitGroup(store, 3);
    await commitGroup(store, 10);
    await store.close();
    await cp(whole, middle, { recursive: true });
    const again = await openLevelStore(whole, CONTRACT_OPTIONS);
    await commitGroup(again, 1);
    await again.close();
  });
  after(() => temporary.remove());

  async function commitGroup(store: Store, entries: number): Promise<void> {
    const keys = Array.from({ length: entries }, (_, place) => fruitKey(`f${place}`));
    await Promise.all(keys.map((key) => commit(store, [put(key, fruit(1))], [draft('ripen')])));
  }

  type Tamper = (database: Level<string, string>) => Promise<void>;

  /** The verdict on a copy that `tamper` has had its hands on, and whether it takes entries. */
  async function faultAfter(tamper: Tamper): Promise<{ fault: string; writable: boolean }> {
    const directory = path.join(temporary.directory, `copy${copies}`);
    copies += 1;
    await cp(whole, directory, { recursive: true });
    const database = new Level<string, string>(directory);
    await database.open();
    await tamper(database);
    await database.close();
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    const verdict = await store.verifyAudit();
    const writable = await commit(store, [], [draft('late')]).then(
      () => true,
      () => false,
    );
    await store.close();
    return { fault: verdict.sound ? 'sound' : `${verdict.fault} ${verdict.faultAt}`, writable };
  }

  const change =
    (key: string, how: (value: string) => string): Tamper =>
    async (database) => {
      const value = (await database.get(key)) ?? '';
      expect(how(value), 'a change').not.to.equal(value);
      await database.put(key, how(value));
    };
  const inLine = (line: number, how: (text: string) => string) => (segment: string) =>
    segment
      .split('\n')
      .map((text, place) => (place === line ? how(text) : text))
      .join('\n');
  const withoutLine = (line: number) => (segment: string) =>
    segment
      .split('\n')
      .filter((_, place) => place !== line)
      .join('\n');
  const ripped = (text: string) => text.replace('ripen', 'ripem');

  it('is nothing when nothing was done', async () => {
    const untouched = await faultAfter(async () => undefined);
    expect(untouched).to.deep.equal({ fault: 'sound', writable: true });
  });

  const tampered: Record<string, readonly [Tamper, string]> = {
    'a changed byte': [change(segmentKey(4), inLine(2, ripped)), 'changed 6'],
    'a changed byte in the first': [change(segmentKey(1), inLine(0, ripped)), 'changed 1'],
    'a changed byte in the last': [change(segmentKey(14), inLine(0, ripped)), 'changed 14'],
    'a changed hash': [
      change(
        segmentKey(4),
        inLine(5, (text) => text.replace(/"previousHash":"./, '"previousHash":"x')),
      ),
      'changed 9',
    ],
    'an entry cut short': [
      change(
        segmentKey(4),
        inLine(1, (text) => text.slice(0, -1)),
      ),
      'unreadable 5',
    ],
    'a removed entry': [change(segmentKey(4), withoutLine(3)), 'removed 7'],
    'a removed entry at the end of a segment': [
      change(segmentKey(4), withoutLine(9)),
      'removed 13',
    ],
    'a removed segment': [(database) => database.del(segmentKey(4)), 'removed 4'],
    'a removed first segment': [(database) => database.del(segmentKey(1)), 'frontCut 1'],
    'a cut tail': [(database) => database.del(segmentKey(14)), 'tailCut 14'],
    'no entries at all': [
      async (database) => {
        for (const first of [1, 4, 14]) await database.del(segmentKey(first));
      },
      'tailCut 1',
    ],
    'a removed head': [(database) => database.del(HEAD_KEY), 'headForged 1'],
    'a head that is not JSON': [(database) => database.put(HEAD_KEY, 'x'), 'headForged 1'],
    'a head sealed with another key': [
      change(HEAD_KEY, (text) => JSON.stringify(sealHead(JSON.parse(text), new Uint8Array(32)))),
      'headForged 1',
    ],
    'a cut tail with a head made to fit, its seal kept': [
      async (database) => {
        await database.del(segmentKey(14));
        await change(HEAD_KEY, (text) => text.replace('"sequence":14', '"sequence":13'))(database);
      },
      'headForged 1',
    ],
    'an older head': [
      async (database) => {
        const older = new Level<string, string>(middle);
        await database.put(HEAD_KEY, (await older.get(HEAD_KEY)) ?? '');
        await older.close();
      },
      'headForged 14',
    ],
  };
  for (const [what, [tamper, fault]] of Object.entries(tampered)) {
    it(`is found: ${what}`, async () => {
      // Where the end of the log is at fault, nothing may be added that would hide it.
      const atTheEnd = /^(?:headForged|tailCut)|14$/.test(fault);
      expect(await faultAfter(tamper)).to.deep.equal({ fault, writable: !atTheEnd });
    });
  }

  it('leaves a store that takes no more entries where its head is not what it was', async () => {
    const directory = path.join(temporary.directory, 'sealed-off');
    await cp(whole, directory, { recursive: true });
    const database = new Level<string, string>(directory);
    await database.del(HEAD_KEY);
    await database.close();
    for (let time = 0; time < 2; time += 1) {
      const store = await openLevelStore(directory, CONTRACT_OPTIONS);
      const failure = await store.failed;
      expect(failure).to.include({ code: 'dataDirectoryDamaged' });
      await refusal(commit(store, [], [draft('late')]), 'dataDirectoryDamaged');
      expect((await store.auditPage({ after: 0, limit: 500 })).items).to.have.length(14);
      expect(await store.verifyAudit()).to.include({ fault: 'headForged' });
      await store.close();
    }
  });

  it('is told on the page that would show it', async () => {
    const directory = path.join(temporary.directory, 'page');
    await cp(whole, directory, { recursive: true });
    const database = new Level<string, string>(directory);
    await change(segmentKey(4), withoutLine(3))(database);
    await database.close();
    const store = await openLevelStore(directory, CONTRACT_OPTIONS);
    await refusal(store.auditPage({ after: 0, limit: 500 }), 'dataDirectoryDamaged');
    expect((await store.auditPage({ after: 0, limit: 6 })).items).to.have.length(6);
    await store.close();
  });
});
