import { expect } from 'chai';
import fc from 'fast-check';
import {
  firstEstimate,
  learnt,
  predicted,
  relearnt,
  TYPING_SECONDS,
} from '../../../server/verification/drift.ts';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { DriftEstimate } from '../../../server/verification/types.ts';
import { windowAt } from '../../../server/verification/window.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { DAY, HOUR, NOW, nowPlus, STEP, TIME } from '../../support/verification.ts';

const days = (count: number): UnixMillis => nowPlus(Math.round(count * DAY));
/** The step of a clock that goes `ppm` fast since `NOW`, read so long before it was typed. */
function stepOf(ppm: number, at: UnixMillis): number {
  const readAt = at - TYPING_SECONDS * 1000;
  return Math.floor((readAt + ((readAt - NOW) * ppm) / 1e6) / 30_000);
}

/** What logins every `every` days teach, and the estimate after them. */
function taught(ppm: number, { every, count }: { every: number; count: number }): DriftEstimate {
  let estimate = firstEstimate(stepOf(ppm, NOW), TIME, NOW);
  for (let login = 1; login <= count; login += 1) {
    const at = days(every * login);
    estimate = learnt(estimate, stepOf(ppm, at), TIME, at);
  }
  return estimate;
}

describe('verification: drift', () => {
  it('begins with the step that registered the token, and little trust in it', () => {
    const estimate = firstEstimate(STEP, TIME, NOW);
    expect(estimate.offsetSeconds).to.equal(15 + TYPING_SECONDS);
    expect(Math.sqrt(estimate.offsetVariance)).to.be.closeTo(10.7, 0.1);
  });

  for (const ppm of [-12, -3, 0, 4, 15]) {
    it(`learns a rate of ${ppm} ppm from weekly logins`, () => {
      const estimate = taught(ppm, { every: 7.31, count: 52 });
      expect(estimate.secondsPerDay * (1e6 / 86_400)).to.be.closeTo(ppm, 1.5);
      const { prediction } = windowAt(
        { type: 'time', lastStep: -1, drift: estimate },
        TIME,
        days(420),
        DEFAULT_POLICY,
      );
      expect(prediction - stepOf(ppm, days(420))).to.be.within(-1, 1);
    });
  }

  it('is never surer than it was when time passes, and gives up nothing when it goes back', () => {
    const estimate = taught(3, { every: 1, count: 20 });
    let last = estimate.offsetVariance;
    for (const later of [0.5, 1, 10, 100, 1000]) {
      const { offsetVariance } = predicted(estimate, (estimate.at + later * DAY) as UnixMillis);
      expect(offsetVariance).to.be.greaterThan(last);
      last = offsetVariance;
    }
    expect(predicted(estimate, (estimate.at - DAY) as UnixMillis)).to.equal(estimate);
  });

  it('learns once in four hours', () => {
    const estimate = firstEstimate(STEP, TIME, NOW);
    const early = nowPlus(4 * HOUR - 1);
    expect(learnt(estimate, STEP + 480, TIME, early)).to.equal(estimate);
    expect(learnt(estimate, STEP + 480, TIME, nowPlus(4 * HOUR))).not.to.equal(estimate);
  });

  it('cannot be led away: a hostile year moves the window 42 steps, not thousands', () => {
    let estimate = firstEstimate(STEP, TIME, NOW);
    let lastStep = STEP;
    for (let hour = 4; hour <= 365 * 24; hour += 4) {
      // A holder who gives the farthest code that is accepted, at the second when it is farthest.
      const farthest = Array.from({ length: 30 }, (_, second) => {
        const now = nowPlus(hour * HOUR + second * 1000);
        const factor = { type: 'time', lastStep, drift: estimate } as const;
        const { to } = windowAt(factor, TIME, now, DEFAULT_POLICY);
        return { now, to, ahead: to * 30_000 - now };
      }).sort((a, b) => b.ahead - a.ahead)[0];
      if (farthest === undefined || farthest.to <= lastStep) continue;
      estimate = learnt(estimate, farthest.to, TIME, farthest.now);
      lastStep = farthest.to;
    }
    const honest = Math.floor((NOW + 365 * DAY) / 30_000);
    expect(lastStep - honest).to.be.within(20, 44);
  });

  it('believes a resync at once, and begins its fence anew', () => {
    const estimate = taught(0, { every: 7, count: 10 });
    const now = days(80);
    const found = relearnt(estimate, stepOf(0, now) + 250, TIME, now);
    expect(found.offsetSeconds - estimate.offsetSeconds).to.be.closeTo(7500, 60);
    expect(found).to.include({ at: now, anchorSeconds: found.offsetSeconds });
    expect(found.anchorAt).to.equal(now - 30 * DAY);
    const window = windowAt(
      { type: 'time', lastStep: -1, drift: found },
      TIME,
      now,
      DEFAULT_POLICY,
    );
    expect(stepOf(0, now) + 250).to.be.within(window.from, window.to);
  });

  it('stays finite and within its fences whatever happens', () => {
    const happenings = fc.array(
      fc.record({
        pair: fc.boolean(),
        afterDays: fc.double({ min: -10, max: 900, noNaN: true }),
        stray: fc.integer({ min: -300, max: 300 }),
        stepSeconds: fc.constantFrom(1, 30, 60, 3600),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(happenings, (list) => {
        const parameters = { ...TIME, stepSeconds: list[0]?.stepSeconds ?? 30 };
        const stepNow = (at: number) => Math.floor(at / (parameters.stepSeconds * 1000));
        let now = NOW;
        let estimate = firstEstimate(stepNow(now), parameters, now);
        for (const { pair, afterDays, stray } of list) {
          now = (now + Math.round(afterDays * DAY)) as UnixMillis;
          const learn = pair ? relearnt : learnt;
          estimate = learn(estimate, stepNow(now) + stray, parameters, now);
          expect(Object.values(estimate).every(Number.isFinite)).to.equal(true);
          expect(Math.abs(estimate.secondsPerDay)).to.be.at.most(3.02);
          expect(estimate.offsetVariance).to.be.at.least(0);
          expect(estimate.rateVariance).to.be.at.least(0);
          const factor = { type: 'time', lastStep: -1, drift: estimate } as const;
          const { from, to, prediction } = windowAt(factor, parameters, now, DEFAULT_POLICY);
          expect(from).to.be.within(prediction - 20, prediction);
          // No clock is followed further than the resync window ahead of the server's.
          const furthest = stepNow(now) + DEFAULT_POLICY.resyncSteps;
          expect(to).to.be.within(Math.min(prediction, furthest), prediction + 20);
          expect(to).to.be.at.most(furthest);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
