import { expect } from 'chai';
import fc from 'fast-check';
import { firstEstimate, learnt, predicted, relearnt } from '../../../server/verification/drift.ts';
import type { DriftEstimate } from '../../../server/verification/types.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import {
  beginClock,
  clockAt,
  learnFromCode,
  learnFromPair,
  type NaiveClock,
} from '../../model/naive-clock.ts';
import { DAY, NOW, STEP, TIME } from '../../support/verification.ts';

/** What happens to a clock: time passes, and then a code or a pair comes from so many steps off. */
interface Event {
  readonly days: number;
  readonly stepsOff: number;
  readonly proof: 'code' | 'pair';
}

const event: fc.Arbitrary<Event> = fc.record({
  days: fc.oneof(fc.constantFrom(0, 1 / 6, 0.01), fc.double({ min: 0, max: 400, noNaN: true })),
  stepsOff: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -200, max: 200 })),
  proof: fc.constantFrom('code', 'pair'),
});

function expectSame(estimate: DriftEstimate, naive: NaiveClock): void {
  const [[p00, p01], [p10, p11]] = naive.covariance;
  const pairs: readonly (readonly [string, number, number])[] = [
    ['offset', estimate.offsetSeconds, naive.mean[0]],
    ['rate', estimate.secondsPerDay, naive.mean[1]],
    ['offset variance', estimate.offsetVariance, p00],
    ['covariance', estimate.covariance, p01],
    ['covariance, transposed', estimate.covariance, p10],
    ['rate variance', estimate.rateVariance, p11],
    ['anchor', estimate.anchorSeconds, naive.anchor.offset],
    ['anchored at', estimate.anchorAt, naive.anchor.at],
    ['at', estimate.at, naive.at],
  ];
  for (const [what, ours, theirs] of pairs) {
    expect(ours, what).to.be.closeTo(theirs, 1e-7 * Math.max(1, Math.abs(theirs)));
  }
}

describe('verification: drift, figure by figure', () => {
  it('is the filter that the matrices say, whatever is learnt and whenever', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), (events) => {
        const { stepSeconds } = TIME;
        let now = NOW;
        let estimate = firstEstimate(STEP, TIME, now);
        let naive = beginClock(STEP, stepSeconds, now);
        for (const { days, stepsOff, proof } of events) {
          now = (now + Math.round(days * DAY)) as UnixMillis;
          expectSame(predicted(estimate, now), clockAt(naive, now));
          const step = Math.floor(now / 1000 / stepSeconds) + stepsOff;
          const isCode = proof === 'code';
          estimate = (isCode ? learnt : relearnt)(estimate, step, TIME, now);
          naive = (isCode ? learnFromCode : learnFromPair)(naive, step, stepSeconds, now);
          expectSame(estimate, naive);
        }
      }),
      { numRuns: 500 },
    );
  });
});
