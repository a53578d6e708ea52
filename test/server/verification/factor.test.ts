import { expect } from 'chai';
import { acceptFactor, newFactor } from '../../../server/verification/factor.ts';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import { predictedStep, windowSteps } from '../../../server/verification/window.ts';
import { DAY, EVENT, NOW, nowPlus, STEP, TIME, timeSubject } from '../../support/verification.ts';

describe('verification: factor and window', () => {
  it('makes the record of a token that has accepted nothing', () => {
    const failures = { failuresInRow: 0, failuresSinceSuccess: 0, waitUntil: 0 };
    expect(newFactor(EVENT, 41)).to.deep.equal({
      version: 1,
      factor: { type: 'event', nextCounter: 41 },
      failures,
      failedPairs: 0,
    });
    expect(newFactor(TIME, 41)).to.deep.equal({
      version: 1,
      factor: { type: 'time', lastStep: -1, offsetSteps: 0 },
      failures,
      failedPairs: 0,
    });
  });

  it("stores integers of steps: the offset is the token's step less the server's", () => {
    const factor = acceptFactor(timeSubject(), STEP + 3, nowPlus(89_999)).factor;
    expect(factor).to.deep.equal({ type: 'time', lastStep: STEP + 3, offsetSteps: 1 });
  });

  it('predicts the server step plus the offset, changing with the step and not before', () => {
    const factor = { type: 'time', lastStep: -1, offsetSteps: -4 } as const;
    expect(predictedStep(factor, TIME, NOW)).to.equal(STEP - 4);
    expect(predictedStep(factor, TIME, nowPlus(29_999))).to.equal(STEP - 4);
    expect(predictedStep(factor, TIME, nowPlus(30_000))).to.equal(STEP - 3);
  });

  const WINDOWS: readonly (readonly [stepSeconds: number, days: number, reach: number])[] = [
    [30, 0, 1],
    [30, 15 - 1 / DAY, 1],
    [30, 15, 2],
    [30, 285, 20],
    [30, 3650, 20],
    [60, 29, 1],
    [60, 30, 2],
    [1, 1, 3],
    [30, -10, 1],
  ];
  for (const [stepSeconds, days, reach] of WINDOWS) {
    it(`has a window of ${reach} steps of ${stepSeconds} s after ${days} days`, () => {
      const now = nowPlus(Math.round(days * DAY));
      expect(windowSteps(NOW, { ...TIME, stepSeconds }, now, DEFAULT_POLICY)).to.equal(reach);
    });
  }

  it('has the least window before anything was accepted', () => {
    expect(windowSteps(undefined, TIME, NOW, DEFAULT_POLICY)).to.equal(1);
  });
});
