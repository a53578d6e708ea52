import { expect } from 'chai';
import { put, remove, type Store, type Write } from '../../server/store/port.ts';
import {
  commit,
  FRUIT_FLIES,
  FRUITS,
  fruit,
  fruitKey,
  type Opened,
  refusal,
} from './store-fruits.ts';

/** Scans: what the indexes find, in which order, and in how many pieces. */

async function weightsOf(store: Store, index: string, value: string): Promise<readonly string[]> {
  const { items } = await store.scan(FRUITS, { index, value, limit: 500 });
  return items.map(({ weight }) => String(weight));
}

export function scanContract(opened: Opened): void {
  indexContract(opened);
  pageContract(opened);
}

function indexContract(opened: Opened): void {
  it('keeps indexes through put, change and removal, in one group and in several', async () => {
    for (const together of [true, false]) {
      const { store } = opened();
      const key = fruitKey('apple');
      const steps: [Write, red: string[], green: string[], heavy: string[]][] = [
        [put(key, fruit(1, 'red', 'green')), ['1'], ['1'], []],
        [put(key, fruit(2, 'green')), [], ['2'], []],
        [put(key, fruit(1001, 'red')), ['1001'], [], ['1001']],
        [remove(key), [], [], []],
        [put(key, fruit(3, 'red')), ['3'], [], []],
        [remove(key), [], [], []],
      ];
      for (let last = 1; last <= steps.length; last += 1) {
        const writes = steps.slice(together ? 0 : last - 1, last).map(([write]) => write);
        await Promise.all(writes.map((write) => commit(store, [write])));
        const [, red, green, heavy] = steps[last - 1] ?? [];
        expect(await weightsOf(store, 'colour', 'red')).to.deep.equal(red);
        expect(await weightsOf(store, 'colour', 'green')).to.deep.equal(green);
        expect(await weightsOf(store, 'heavy', 'yes')).to.deep.equal(heavy);
      }
    }
  });

  it('keeps an index of a record that is changed after the store was opened again', async () => {
    const { store, reopen } = opened();
    await commit(store, [put(fruitKey('apple'), fruit(1, 'red'))]);
    const again = await reopen();
    await commit(again, [put(fruitKey('apple'), fruit(2, 'green'))]);
    expect((await again.scan(FRUITS, { index: 'colour', value: 'red', limit: 1 })).items).to.eql(
      [],
    );
  });

  it('tells values apart where one begins as the other', async () => {
    const { store } = opened();
    await commit(store, [
      put(fruitKey('z'), fruit(1, 'red')),
      put(fruitKey('a'), fruit(2, 'reddish')),
      put(fruitKey('zz'), fruit(3, 're')),
    ]);
    expect(await weightsOf(store, 'colour', 'red')).to.deep.equal(['1']);
    const flies = await store.scan(FRUIT_FLIES, { limit: 10 });
    expect(flies.items).to.deep.equal([]);
  });
}

function pageContract(opened: Opened): void {
  it('pages by id, in order of UTF-8, without and with an index', async () => {
    const { store } = opened();
    const ids = ['\u{1f34e}', 'ﬀ', 'é', 'b', 'ab', 'a', 'B', 'a b'];
    await commit(
      store,
      ids.map((id, place) => put(fruitKey(id), fruit(place, 'red'))),
    );
    const sorted = [...ids].sort((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    for (const by of [{}, { index: 'colour', value: 'red' }]) {
      for (let limit = 1; limit <= ids.length + 1; limit += 1) {
        const seen: string[] = [];
        let after: string | null | undefined;
        while (after !== null) {
          const range = { ...by, limit, ...(after === undefined ? {} : { after }) };
          const page = await store.scan(FRUITS, range);
          expect(page.items.length).to.be.within(1, limit);
          seen.push(...page.items.map(({ weight }) => ids[weight] ?? '?'));
          expect(page.next === null || page.next === seen.at(-1)).to.equal(true);
          after = page.next;
        }
        expect(seen).to.deep.equal(sorted);
      }
    }
  });

  it('sees what was committed before the call, durable or not', async () => {
    const { store } = opened();
    const pending = commit(store, [put(fruitKey('apple'), fruit(1, 'red'))]);
    expect(await weightsOf(store, 'colour', 'red')).to.deep.equal(['1']);
    await pending;
  });

  it('refuses limits outside 1 to 500 and indexes that are not declared', async () => {
    const { store } = opened();
    for (const limit of [0, -1, 501, 1.5, Number.NaN]) {
      await refusal(store.scan(FRUITS, { limit }), 'internal');
    }
    await refusal(store.scan(FRUITS, { index: 'size', value: '1', limit: 1 }), 'internal');
    await refusal(store.scan(FRUITS, { index: 'colour', limit: 1 }), 'internal');
    await refusal(store.scan(FRUITS, { index: 'colour', value: '\u0001', limit: 1 }), 'internal');
  });
}
