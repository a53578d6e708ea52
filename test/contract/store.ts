import { expect } from 'chai';
import type { AuditDraft } from '../../server/audit/entry.ts';
import { type Decision, keyOf, put, putCold, remove, replyOnly } from '../../server/store/port.ts';
import type { FobtwinError } from '../../shared/errors.ts';
import { auditContract, auditPageContract, auditRunsContract } from './store-audit.ts';
import {
  CONTRACT_OPTIONS,
  commit,
  draft,
  FRUIT_FLIES,
  FRUITS,
  fruit,
  fruitKey,
  type Opened,
  read,
  refusal,
  rejection,
  type StoreFactory,
  type StoreUnderTest,
} from './store-fruits.ts';
import { storeModel } from './store-model.ts';
import { scanContract } from './store-scan.ts';

/** What every adapter of the store keeps. An adapter's own test is a factory and one line. */

export function storeContract(name: string, factory: StoreFactory): void {
  for (const cachedRecords of [400_000, 8, 0]) {
    describe(`${name}, ${cachedRecords} records cached`, () => {
      let under: StoreUnderTest;
      const options = { ...CONTRACT_OPTIONS, cachedRecords };
      beforeEach(async () => {
        under = await factory(options);
      });
      afterEach(() => under.destroy());
      const opened = () => under;
      recordsContract(opened);
      alsoContract(opened);
      refusalsContract(opened);
      scanContract(opened);
      concurrencyContract(opened);
      auditContract(opened);
      auditPageContract(opened);
      auditRunsContract(opened);
    });
    storeModel(`${name}, ${cachedRecords} records cached`, factory, cachedRecords);
  }
}

function recordsContract(opened: Opened): void {
  it('gives back what was put, at once and after it is opened again', async () => {
    const { store, reopen } = opened();
    const ids = ['apple', 'a', 'p!:/\\ ~', 'ﬀ', '\u{1f34e}', 'x'.repeat(200)];
    await commit(
      store,
      ids.map((id, place) => put(fruitKey(id), fruit(place, 'red'))),
    );
    for (const [place, id] of ids.entries()) {
      expect(await read(store, id)).to.deep.equal(fruit(place, 'red'));
    }
    const again = await reopen();
    for (const [place, id] of ids.entries()) {
      expect(await read(again, id)).to.deep.equal(fruit(place, 'red'));
    }
  });

  it('reads undefined for what is absent or removed', async () => {
    const { store, reopen } = opened();
    expect(await read(store, 'apple')).to.equal(undefined);
    await commit(store, [put(fruitKey('apple'), fruit(1))]);
    await commit(store, [remove(fruitKey('apple'))]);
    expect(await read(store, 'apple')).to.equal(undefined);
    expect(await read(await reopen(), 'apple')).to.equal(undefined);
  });

  it('reads what was written to be kept out of memory, like anything else', async () => {
    const { store, reopen } = opened();
    const key = fruitKey('apple');
    expect(await read(store, 'apple')).to.equal(undefined);
    await commit(store, [putCold(key, fruit(1, 'red'))]);
    expect(await read(store, 'apple')).to.deep.equal(fruit(1, 'red'));
    await commit(store, [putCold(key, fruit(2, 'green'))]);
    expect(await read(store, 'apple')).to.deep.equal(fruit(2, 'green'));
    await commit(store, [{ ...remove(key), cold: true }]);
    expect(await read(store, 'apple')).to.equal(undefined);
    expect(await read(await reopen(), 'apple')).to.equal(undefined);
  });

  it('hands the records over in the order of the keys, of several kinds', async () => {
    const { store } = opened();
    const fly = keyOf(FRUIT_FLIES, 'same');
    await commit(store, [
      put(fruitKey('same'), fruit(1)),
      put(fly, { version: 1 }),
      put(fruitKey('other'), fruit(2)),
    ]);
    const keys = [fruitKey('other'), fly, fruitKey('none'), fruitKey('same')] as const;
    const seen = await store.transact(keys, (records) => replyOnly(records));
    expect(seen).to.deep.equal([fruit(2), { version: 1 }, undefined, fruit(1)]);
  });

  it('lets the last of several writes to one key stand', async () => {
    const { store, reopen } = opened();
    const key = fruitKey('apple');
    await commit(store, [put(key, fruit(1, 'red')), remove(key), put(key, fruit(2, 'green'))]);
    expect(await read(await reopen(), 'apple')).to.deep.equal(fruit(2, 'green'));
  });

  it('finds a key again by what it says, not by which object it is', async () => {
    const { store } = opened();
    await store.transact([fruitKey('apple')], () => ({
      writes: [put(fruitKey('apple'), fruit(3))],
      auditDrafts: [],
      reply: undefined,
    }));
    expect(await read(store, 'apple')).to.deep.equal(fruit(3));
  });
}

function alsoContract(opened: Opened): void {
  it('reads one record more in the same decision, and lets it be written', async () => {
    const { store, reopen } = opened();
    await commit(store, [put(fruitKey('pear'), fruit(2)), put(fruitKey('apple'), fruit(1))]);
    const seen = await store.transact([fruitKey('apple')], ([apple], also) => {
      const pear = also(fruitKey('pear'));
      return {
        writes: [put(fruitKey('pear'), fruit((apple?.weight ?? 0) + (pear?.weight ?? 0)))],
        auditDrafts: [],
        reply: [pear, also(fruitKey('pear')), also(fruitKey('apple')), also(fruitKey('none'))],
      };
    });
    expect(seen).to.deep.equal([fruit(2), fruit(2), fruit(1), undefined]);
    expect(await read(await reopen(), 'pear')).to.deep.equal(fruit(3));
  });
}

/** Nothing of the decision may be seen, neither at once nor later, and the store goes on. */
async function leavesNothing(
  { store, reopen }: StoreUnderTest,
  decide: () => Decision<unknown>,
): Promise<Error> {
  await commit(store, [put(fruitKey('old'), fruit(1, 'red'))], [draft('before')]);
  const keys = [fruitKey('old'), fruitKey('new')];
  const error = await rejection(store.transact(keys, decide));
  expect(await read(store, 'old')).to.deep.equal(fruit(1, 'red'));
  const again = await reopen();
  expect(await read(again, 'old')).to.deep.equal(fruit(1, 'red'));
  expect(await read(again, 'new')).to.equal(undefined);
  expect((await again.scan(FRUITS, { limit: 10 })).items).to.have.length(1);
  expect((await again.auditPage({ after: 0, limit: 10 })).items).to.have.length(1);
  expect((await again.verifyAudit()).sound).to.equal(true);
  return error;
}

function refusalsContract(opened: Opened): void {
  it('writes nothing when the decision throws', async () => {
    const cause = new Error('no');
    const error = await leavesNothing(opened(), () => {
      throw cause;
    });
    expect(error).to.equal(cause);
  });

  it('refuses a write outside the keys, with all that came with it', async () => {
    const error = await leavesNothing(opened(), () => ({
      writes: [put(fruitKey('old'), fruit(2)), put(fruitKey('elsewhere'), fruit(2))],
      auditDrafts: [draft('during')],
      reply: undefined,
    }));
    expect((error as FobtwinError).detail).to.contain('elsewhere');
  });

  it('refuses a record that is not JSON, and an index value that cannot be a key', async () => {
    const circular: { version: 1; self?: unknown } = { version: 1 };
    circular.self = circular;
    for (const bad of [circular, fruit(1, 'red', ''), fruit(1, 'a\u0000b'), fruit(1, '\ud800')]) {
      const { store } = opened();
      const writes = [put(fruitKey('old'), fruit(2)), { key: fruitKey('new'), record: bad }];
      const keys = [fruitKey('old'), fruitKey('new')];
      await rejection(
        store.transact(keys, () => ({ writes, auditDrafts: [draft('during')], reply: 0 })),
      );
      expect(await read(store, 'old')).to.equal(undefined);
      expect((await store.auditPage({ after: 0, limit: 10 })).items).to.deep.equal([]);
    }
  });

  const noJson: readonly NonNullable<AuditDraft['details']>[] = [
    { text: '\ud800' },
    { number: Number.NaN },
  ];
  for (const details of noJson) {
    it(`refuses an audit draft without canonical JSON: a ${Object.keys(details)[0]}`, () =>
      leavesNothing(opened(), () => ({
        writes: [put(fruitKey('new'), fruit(1))],
        auditDrafts: [draft('sound'), draft('during', { details })],
        reply: undefined,
      })));
  }

  it('refuses ids that cannot be keys, and kinds that it does not know', async () => {
    const { store } = opened();
    for (const id of ['', 'a\u0000b', 'a\nb', '\u007f', '\udc00', 'x'.repeat(201)]) {
      await refusal(read(store, id), 'internal');
      await refusal(commit(store, [put(fruitKey(id), fruit(1))]), 'internal');
    }
    const stranger = { ...FRUITS };
    await refusal(
      store.transact([keyOf(stranger, 'apple')], () => replyOnly(0)),
      'internal',
    );
    await refusal(store.scan(stranger, { limit: 1 }), 'internal');
  });
}

function concurrencyContract(opened: Opened): void {
  it('lets a decision see what decisions before it left, durable or not', async () => {
    const { store, reopen } = opened();
    const key = fruitKey('count');
    const replies = await Promise.all(
      Array.from({ length: 500 }, () =>
        store.transact([key], ([count]) => {
          const weight = (count?.weight ?? 0) + 1;
          return { writes: [put(key, fruit(weight))], auditDrafts: [], reply: weight };
        }),
      ),
    );
    expect(replies).to.deep.equal(Array.from({ length: 500 }, (_, place) => place + 1));
    expect(await read(await reopen(), 'count')).to.deep.equal(fruit(500));
  });

  it('lets exactly one of a hundred take what is there once', async () => {
    const { store, reopen } = opened();
    const key = fruitKey('prize');
    const won = await Promise.all(
      Array.from({ length: 100 }, (_, place) =>
        store.transact([key], ([taken]) =>
          taken === undefined
            ? { writes: [put(key, fruit(place))], auditDrafts: [draft('won')], reply: true }
            : replyOnly(false),
        ),
      ),
    );
    expect(won.filter(Boolean)).to.have.length(1);
    const again = await reopen();
    expect((await again.auditPage({ after: 0, limit: 10 })).items).to.have.length(1);
  });

  it('flushes what is queued when it closes, then takes nothing more', async () => {
    const { store, reopen } = opened();
    const pending = Array.from({ length: 50 }, (_, place) =>
      commit(store, [put(fruitKey(`f${place}`), fruit(place, 'red'))]),
    );
    const closed = store.close();
    await refusal(commit(store, [put(fruitKey('late'), fruit(1))]), 'unavailable');
    await refusal(store.scan(FRUITS, { limit: 1 }), 'unavailable');
    await Promise.all([closed, store.close(), ...pending]);
    const again = await reopen();
    expect((await again.scan(FRUITS, { limit: 500 })).items).to.have.length(50);
  });
}
