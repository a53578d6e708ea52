import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryLevel } from 'memory-level';
import { createLevelBackend, type KeyRange } from '../../../server/store/backend.ts';
import { overlaidView, type StillLayer } from '../../../server/store/overlaid-view.ts';
import { compareKeys, SortedKeys } from '../../../server/store/sorted-keys.ts';

/** Characters about where UTF-8 and UTF-16 order otherwise. */
const key = fc.string({
  unit: fc.constantFrom('a', 'b', '\u0000', '\ud7ff', '\ue000', '\uffee', '\u{10000}', '\u{1f511}'),
  minLength: 1,
  maxLength: 3,
});
const rows = fc.dictionary(key, fc.string({ maxLength: 2 }), { maxKeys: 12 });
const layer = fc.array(fc.tuple(key, fc.option(fc.string({ maxLength: 2 }), { nil: undefined })), {
  maxLength: 8,
});
const range: fc.Arbitrary<KeyRange> = fc.record(
  {
    above: key,
    from: key,
    below: key,
    limit: fc.integer({ min: 1, max: 6 }),
    reverse: fc.boolean(),
  },
  { requiredKeys: ['below', 'limit'] },
);

function layerOf(changes: readonly (readonly [string, string | undefined])[]): StillLayer {
  const told = new Map(changes);
  // Others as well, which it tells nothing of.
  const keys = [...new Set([...told.keys(), 'a', '\u{10000}'])].sort(compareKeys);
  return {
    has: (name) => told.has(name),
    get: (name) => told.get(name),
    sorted: () => Promise.resolve(keys),
    release: () => undefined,
  };
}

describe('store views with layers over them', () => {
  it('compare keys by their UTF-8 bytes', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareKeys(a, b))).to.equal(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('read as a database into which the layers were written', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        layer,
        layer,
        fc.array(range, { maxLength: 6 }),
        async (below, older, newer, ranges) => {
          const [base, all] = [
            new MemoryLevel<string, string>(),
            new MemoryLevel<string, string>(),
          ];
          await Promise.all([base.open(), all.open()]);
          for (const [name, value] of Object.entries(below)) {
            await base.put(name, value);
            await all.put(name, value);
          }
          await createLevelBackend(all).write(
            [...older, ...newer].map(([name, value]) => ({ key: name, value })),
          );
          const expected = createLevelBackend(all).view();
          const layers = [layerOf(newer), layerOf(older)];
          const view = overlaidView(createLevelBackend(base).view(), layers);
          const keys = [...Object.keys(below), ...older.map(([name]) => name), 'none'];
          expect(await view.many(keys)).to.deep.equal(await expected.many(keys));
          for (const one of ranges) {
            expect(await view.range(one)).to.deep.equal(await expected.range(one));
          }
          await Promise.all([view.close(), expected.close()]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('look at few keys for each range, however many lie over the database', async () => {
    const base = new MemoryLevel<string, string>();
    await base.open();
    await base.put('k5000', 'below');
    const names = Array.from({ length: 20_000 }, (_, place) => `k${place}`);
    const layer = layerOf(names.map((name) => [name, name]));
    let asked = 0;
    const has = (name: string) => {
      asked += 1;
      return layer.has(name);
    };
    const view = overlaidView(createLevelBackend(base).view(), [{ ...layer, has }]);
    for (const [limit, reverse] of [
      [1, false],
      [50, true],
    ] as const) {
      asked = 0;
      const rows = await view.range({ from: 'k5000', below: 'k6', limit, reverse });
      expect(rows).to.have.length(limit);
      expect(asked).to.be.at.most(limit + 2);
    }
    await view.close();
  });

  it('read on by many where most of the database is removed above it', async () => {
    const base = new MemoryLevel<string, string>();
    await base.open();
    const names = Array.from({ length: 1000 }, (_, place) => `k${String(place).padStart(3, '0')}`);
    await base.batch(names.map((key) => ({ type: 'put', key, value: '' })));
    const below = createLevelBackend(base).view();
    let reads = 0;
    const layer = layerOf(names.slice(0, -1).map((name) => [name, undefined]));
    const view = overlaidView(
      {
        ...below,
        range(range) {
          reads += 1;
          return below.range(range);
        },
      },
      [layer],
    );
    expect(await view.range({ below: 'l', limit: 1 })).to.deep.equal([['k999', '']]);
    expect(reads).to.be.at.most(20);
    await view.close();
  });
});

describe('keys that are sorted when they are asked for', () => {
  it('come in order, those that had come by then among them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 40 }),
        fc.array(fc.nat({ max: 20 }), { maxLength: 6 }),
        async (names, steps) => {
          const sorted = new SortedKeys();
          const asked: Promise<readonly string[]>[] = [];
          let came = 0;
          for (const step of steps) {
            for (const name of names.slice(came, came + step)) sorted.add(name);
            came = sorted.size;
            asked.push(sorted.first(came));
            if (step % 2 === 0) await asked.at(-1);
          }
          for (const [place, found] of (await Promise.all(asked)).entries()) {
            expect(found).to.deep.equal([...found].sort(compareKeys));
            const then = names.slice(
              0,
              steps.slice(0, place + 1).reduce((a, b) => a + b, 0),
            );
            expect(found).to.include.members(then);
            expect(new Set(found).size).to.equal(found.length);
          }
        },
      ),
    );
  });

  it('let other work have its turn meanwhile, and are not sorted again', async () => {
    const names = Array.from({ length: 20_000 }, (_, place) => `k${(place * 7919) % 20_011}`);
    const sorted = new SortedKeys();
    for (const name of names) sorted.add(name);
    let turns = 0;
    let isDone = false;
    const turn = () => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    const first = await sorted.first(names.length);
    expect(turns).to.be.greaterThan(50);
    expect(first).to.deep.equal([...names].sort(compareKeys));
    turns = 0;
    expect(await sorted.first(names.length)).to.equal(first);
    for (const name of ['a', 'k5x', 'z']) sorted.add(name);
    expect(await sorted.first(sorted.size)).to.deep.equal([...names, 'a', 'k5x', 'z'].sort());
    expect(turns).to.be.at.most(3);
    isDone = true;
  });
});
