import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryLevel } from 'memory-level';
import { createLevelBackend, type KeyRange } from '../../../server/store/backend.ts';
import { compareKeys, type Layer, overlaidView } from '../../../server/store/overlaid-view.ts';

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

const layerOf = (changes: readonly (readonly [string, string | undefined])[]): Layer =>
  new Map(changes);

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
});
