import { expect } from 'chai';
import sinon from 'sinon';
import { createMemoryData, openMemoryStore } from '../../../server/store/memory.ts';
import { put, replyOnly, type Store } from '../../../server/store/port.ts';
import { StandIns } from '../../../server/store/stand-ins.ts';
import { CONTRACT_OPTIONS, commit, fruit, fruitKey, read } from '../../contract/store-fruits.ts';

/** What a decision asks the disk for: how many reads found a record, and how many none. */
interface Asked {
  readonly found: number;
  readonly missing: number;
}

describe('reads made even', () => {
  let store: Store;
  let reads: sinon.SinonSpy;

  beforeEach(async () => {
    const data = createMemoryData();
    const first = await openMemoryStore({ ...CONTRACT_OPTIONS, data });
    await commit(first, [put(fruitKey('other'), fruit(1)), put(fruitKey('cold'), fruit(2))]);
    await first.close();
    store = await openMemoryStore({ ...CONTRACT_OPTIONS, data });
    await commit(store, [put(fruitKey('warm'), fruit(3))]);
    await read(store, 'other');
    await read(store, 'knownAbsent');
    reads = sinon.spy(data, 'getSync');
  });
  afterEach(async () => {
    reads.restore();
    await store.close();
  });

  async function askedBy(work: () => Promise<unknown>): Promise<Asked> {
    reads.resetHistory();
    await work();
    const found = reads.returnValues.filter((text) => text !== undefined).length;
    return { found, missing: reads.callCount - found };
  }
  const evenly = (id: string) => () =>
    store.transact([fruitKey(id)], ([record]) => ({ ...replyOnly(record), even: 1 }));

  for (const id of ['warm', 'cold', 'knownAbsent', 'absent']) {
    it(`find one record and miss one, whatever becomes of it: ${id}`, async () => {
      for (let time = 0; time < 3; time += 1) {
        expect(await askedBy(evenly(id))).to.deep.equal({ found: 1, missing: 1 });
      }
    });
  }

  it('leave the others as they are: memory answers, or the disk once', async () => {
    for (const [id, asked] of [
      ['warm', { found: 0, missing: 0 }],
      ['cold', { found: 1, missing: 0 }],
      ['cold', { found: 0, missing: 0 }],
      ['absent', { found: 0, missing: 1 }],
    ] as const) {
      expect(await askedBy(() => read(store, id))).to.deep.equal(asked);
    }
  });

  it('are so many of the first, those besides the keys included', async () => {
    const keys = [fruitKey('warm'), fruitKey('absent')] as const;
    for (const [even, times] of [
      [0, 0],
      [2, 2],
      [3, 3],
      [9, 3],
    ] as const) {
      const asked = await askedBy(() =>
        store.transact(keys, (_, also) => {
          also(fruitKey('knownAbsent'));
          return { ...replyOnly(undefined), even };
        }),
      );
      const isNew = even === 0;
      expect(asked).to.deep.equal({ found: times, missing: isNew ? 1 : times });
    }
  });

  it('change nothing that is seen', async () => {
    for (const id of ['warm', 'cold', 'absent', 'knownAbsent']) {
      const before = await evenly(id)();
      expect(await evenly(id)()).to.deep.equal(before);
      expect(await read(store, id)).to.deep.equal(before);
    }
  });
});

describe('stand-ins', () => {
  it('come in turn, the latest loaded in the place of the oldest', () => {
    const standIns = new StandIns();
    standIns.written('a');
    standIns.written('a');
    standIns.loaded('b');
    expect([0, 1, 2].map(() => standIns.next())).to.deep.equal(['a', 'b', 'a']);
    for (let n = 0; n < 100_000; n += 1) standIns.loaded(`c${n}`);
    const taken = new Set(Array.from({ length: 3000 }, () => standIns.next()));
    expect(taken.size).to.equal(1024);
    expect([...taken].every((id) => Number(id?.slice(1)) >= 100_000 - 1024)).to.equal(true);
  });

  it('are none to begin with', () => {
    const standIns = new StandIns();
    expect(standIns.next()).to.equal(undefined);
    standIns.loaded('a');
    expect(standIns.next()).to.equal('a');
  });

  it('begin with what is written, as long as there is room', () => {
    const standIns = new StandIns();
    for (let n = 0; n < 5000; n += 1) standIns.written(`w${n}`);
    const taken = new Set(Array.from({ length: 3000 }, () => standIns.next()));
    expect(taken.size).to.equal(1024);
    expect(taken.has('w0')).to.equal(true);
  });
});
