import { expect } from 'chai';
import fc from 'fast-check';
import {
  enable,
  liftLock,
  REFUSALS,
  refusal,
  withHold,
  withoutHold,
} from '../../../server/verification/holds.ts';
import { HOLDS, type Hold, LIVES, type Life, type Outcome } from '../../../shared/types.ts';
import { eventSubject, NOW } from '../../support/verification.ts';

/** DESIGN section 5, word for word, with what each answers. */
const PRECEDENCE: readonly (readonly [Life | Hold, Outcome])[] = [
  ['revoked', 'revoked'],
  ['lost', 'lost'],
  ['disabled', 'disabled'],
  ['adminLocked', 'locked'],
  ['suspended', 'suspended'],
  ['locked', 'locked'],
];

const everySet = (): Hold[][] =>
  Array.from({ length: 2 ** HOLDS.length }, (_, set) =>
    HOLDS.filter((_hold, bit) => (set & (2 ** bit)) !== 0),
  );

describe('verification: holds', () => {
  it('answers the strongest reason for every life and every set of holds', () => {
    let cases = 0;
    for (const life of LIVES) {
      for (const holds of everySet()) {
        const there = new Set<string>([life, ...holds]);
        const strongest = PRECEDENCE.find(([reason]) => there.has(reason))?.[1];
        const expected = strongest ?? (life === 'stocked' ? 'notRegistered' : undefined);
        expect(refusal(life, holds), `${life} ${holds}`).to.equal(expected);
        expect(refusal(life, [...holds].reverse()), `${life} ${holds}, reversed`).to.equal(
          expected,
        );
        cases += 1;
      }
    }
    expect(cases).to.equal(96);
  });

  it('names every hold once in the table', () => {
    const named = REFUSALS.flatMap(({ hold }) => (hold === undefined ? [] : [hold]));
    expect([...named].sort()).to.deep.equal([...HOLDS].sort());
  });

  it('adds and removes a hold, keeping the others and the order of HOLDS', () => {
    fc.assert(
      fc.property(fc.subarray([...HOLDS]), fc.constantFrom(...HOLDS), (holds, hold) => {
        const added = withHold(holds, hold);
        expect(added).to.deep.equal(HOLDS.filter((h) => h === hold || holds.includes(h)));
        const removed = withoutHold(added, hold);
        expect(removed).to.deep.equal(holds.filter((h) => h !== hold));
        expect(withHold(added, hold)).to.equal(added);
        expect(withoutHold(removed, hold)).to.equal(removed);
      }),
    );
  });

  const lastWrong = { hash: 'hash', at: NOW };
  const spent = eventSubject({
    failures: { failuresInRow: 10, failuresSinceSuccess: 42, waitUntil: NOW + 5000, lastWrong },
    failedPairs: 5,
  }).record;

  it('unlock clears failures in a row, wait and budget, and nothing else', () => {
    expect(liftLock(spent)).to.deep.equal({
      ...spent,
      failures: { failuresInRow: 0, failuresSinceSuccess: 42, waitUntil: 0, lastWrong },
      failedPairs: 0,
    });
  });

  it('enable clears the failures since the last success, and nothing else', () => {
    expect(enable(spent)).to.deep.equal({
      ...spent,
      failures: { failuresInRow: 10, failuresSinceSuccess: 0, waitUntil: NOW + 5000, lastWrong },
    });
  });
});
