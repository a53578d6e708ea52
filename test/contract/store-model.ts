import { expect } from 'chai';
import fc from 'fast-check';
import { put, remove, replyOnly, type Store } from '../../server/store/port.ts';
import {
  CONTRACT_OPTIONS,
  draft,
  FRUITS,
  type Fruit,
  fruit,
  fruitKey,
  type StoreFactory,
} from './store-fruits.ts';

/** Random decisions against a plain map: what is decided, read, found and recorded is the same. */

interface Change {
  readonly id: string;
  /** `undefined` removes. */
  readonly fruit: Fruit | undefined;
}

interface DecisionStep {
  readonly step: 'decide';
  /** Decided in one turn, all before the first is durable. */
  readonly decisions: readonly {
    readonly changes: readonly Change[];
    readonly actions: readonly string[];
    readonly throws: boolean;
  }[];
}

type Step = DecisionStep | { readonly step: 'check' } | { readonly step: 'reopen' };

const IDS = ['a', 'b', 'B', 'é', 'ﬀ', '\u{1f34e}', 'a b'];
const COLOURS = ['red', 'reddish', 'green'];

const changes = fc.array(
  fc.record({
    id: fc.constantFrom(...IDS),
    fruit: fc.option(
      fc
        .record({ weight: fc.integer({ min: 0, max: 2000 }), colours: fc.subarray(COLOURS) })
        .map(({ weight, colours }) => fruit(weight, ...colours)),
      { nil: undefined },
    ),
  }),
  { maxLength: 4 },
);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        step: fc.constant('decide' as const),
        decisions: fc.array(
          fc.record({
            changes,
            actions: fc.array(fc.constantFrom('one', 'two'), { maxLength: 3 }),
            throws: fc.constantFrom(false, false, false, true),
          }),
          { maxLength: 6 },
        ),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ step: 'check' } as const) },
    { weight: 1, arbitrary: fc.constant({ step: 'reopen' } as const) },
  ),
  { maxLength: 12 },
);

class Model {
  readonly fruits = new Map<string, Fruit>();
  readonly actions: string[] = [];

  sorted(): readonly Fruit[] {
    return [...this.fruits]
      .sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      .map(([, record]) => record);
  }
}

const THROWN = 'thrown by the decision';

/** Starts every decision in one turn, and applies each to the model as it is decided. */
async function decideAll(store: Store, model: Model, { decisions }: DecisionStep): Promise<void> {
  const replies = decisions.map(async ({ changes: wanted, actions, throws }) => {
    const keys = IDS.map(fruitKey);
    const decided = store.transact(keys, (records) => {
      const expected = IDS.map((id) => model.fruits.get(id));
      expect(records).to.deep.equal(expected);
      if (throws) throw new Error(THROWN);
      for (const { id, fruit: changed } of wanted) {
        if (changed === undefined) model.fruits.delete(id);
        else model.fruits.set(id, changed);
      }
      model.actions.push(...actions);
      const writes = wanted.map(({ id, fruit: changed }) =>
        changed === undefined ? remove(fruitKey(id)) : put(fruitKey(id), changed),
      );
      return { writes, auditDrafts: actions.map((action) => draft(action)), reply: 'done' };
    });
    const reply = await decided.catch((error: unknown) => {
      if (error instanceof Error && error.message === THROWN) return THROWN;
      throw error;
    });
    expect(reply).to.equal(throws ? THROWN : 'done');
  });
  await Promise.all(replies);
}

async function check(store: Store, model: Model): Promise<void> {
  const all = model.sorted();
  expect((await store.scan(FRUITS, { limit: 500 })).items).to.deep.equal(all);
  for (const value of COLOURS) {
    const { items } = await store.scan(FRUITS, { index: 'colour', value, limit: 500 });
    expect(items).to.deep.equal(all.filter(({ colours }) => colours.includes(value)));
  }
  const seen = await store.transact(IDS.map(fruitKey), (records) => replyOnly(records));
  expect(seen).to.deep.equal(IDS.map((id) => model.fruits.get(id)));
  const { items } = await store.auditPage({ after: 0, limit: 500 });
  expect(items.map(({ action }) => action)).to.deep.equal(model.actions);
  expect(await store.verifyAudit()).to.include({ sound: true, entries: model.actions.length });
}

export function storeModel(name: string, factory: StoreFactory, cachedRecords: number): void {
  it(`${name}: does what a plain map does`, () =>
    fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const under = await factory({ ...CONTRACT_OPTIONS, cachedRecords });
        const model = new Model();
        let { store } = under;
        try {
          for (const step of taken) {
            if (step.step === 'decide') await decideAll(store, model, step);
            else if (step.step === 'check') await check(store, model);
            else store = await under.reopen();
          }
          store = await under.reopen();
          await check(store, model);
        } finally {
          await under.destroy();
        }
      }),
      { numRuns: 60 },
    ));
}
