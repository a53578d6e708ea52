import { expect } from 'chai';
import fc from 'fast-check';
import { factorText } from '../../../server/tokens/factor-text.ts';
import type { FactorRecord } from '../../../server/verification/types.ts';

const count = fc.maxSafeInteger();
/** Records as they are, and such as nobody writes: members more, less, or in another order. */
const records = fc
  .record(
    {
      version: fc.constant(1),
      factor: fc.oneof(
        fc.record({ type: fc.constant('event'), nextCounter: count }),
        fc.record({ nextCounter: count, type: fc.constant('event') }),
        fc.record({ type: fc.constant('event'), nextCounter: count, more: count }),
        fc.record({ type: fc.constant('time'), lastStep: count }),
      ),
      failures: fc.record(
        {
          failuresInRow: count,
          failuresSinceSuccess: count,
          waitUntil: count,
          lastWrong: fc.record({ hash: fc.string(), at: count }),
        },
        { requiredKeys: ['failuresInRow', 'failuresSinceSuccess', 'waitUntil'] },
      ),
      failedPairs: count,
      lastAcceptedAt: fc.oneof(count, fc.constant(undefined)),
      restoredAt: count,
    },
    { requiredKeys: ['version', 'factor', 'failures', 'failedPairs'] },
  )
  .chain((record) => {
    const members = Object.entries(record);
    const orders = fc.shuffledSubarray(members, { minLength: members.length });
    return fc.oneof(fc.constant(record), orders.map(Object.fromEntries));
  }) as fc.Arbitrary<FactorRecord>;

describe('the text of a factor record', () => {
  it('is what the general function makes of it', () =>
    fc.assert(
      fc.property(records, (record) => {
        expect(factorText(record)).to.equal(JSON.stringify(record));
      }),
      { numRuns: 2000 },
    ));
});
