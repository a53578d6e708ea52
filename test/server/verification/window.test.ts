import { expect } from 'chai';
import { firstEstimate } from '../../../server/verification/drift.ts';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { TimeFactor } from '../../../server/verification/types.ts';
import { windowAt } from '../../../server/verification/window.ts';
import { DAY, NOW, nowPlus, STEP, TIME } from '../../support/verification.ts';

const unlearnt: TimeFactor = { type: 'time', lastStep: -1 };
const learntNow: TimeFactor = { ...unlearnt, drift: firstEstimate(STEP, TIME, NOW) };

describe('verification: window', () => {
  it('is one step each way around true time while nothing has been learnt', () => {
    const window = windowAt(unlearnt, TIME, nowPlus(14_000), DEFAULT_POLICY);
    expect(window).to.deep.equal({ from: STEP - 1, to: STEP + 1, prediction: STEP });
  });

  it('reaches back at least a step, for a code typed late', () => {
    const sure = { ...DEFAULT_POLICY, windowDeviations: 1e-9 };
    for (let second = 0; second < 30; second += 1) {
      const { from, to, prediction } = windowAt(learntNow, TIME, nowPlus(second * 1000), sure);
      expect(from, `after ${second} s`).to.equal(prediction - 1);
      expect(to - prediction, `after ${second} s`).to.be.within(0, 1);
    }
  });

  it('widens with idle time on both sides, up to its cap', () => {
    let last = 0;
    for (const days of [0, 30, 90, 365]) {
      const { from, to } = windowAt(learntNow, TIME, nowPlus(days * DAY), DEFAULT_POLICY);
      expect(to - from).to.be.greaterThan(last);
      last = to - from;
    }
    const { from, to, prediction } = windowAt(learntNow, TIME, nowPlus(9000 * DAY), DEFAULT_POLICY);
    expect([prediction - from, to - prediction]).to.deep.equal([20, 20]);
  });

  it("never reaches further ahead of the server's clock than a resync may", () => {
    const { resyncSteps } = DEFAULT_POLICY;
    for (const [ahead, to] of [
      [resyncSteps - 1, STEP + resyncSteps],
      [resyncSteps, STEP + resyncSteps],
      [resyncSteps + 50, STEP + resyncSteps],
    ] as const) {
      const fast: TimeFactor = { ...unlearnt, drift: firstEstimate(STEP + ahead, TIME, NOW) };
      expect(windowAt(fast, TIME, NOW, DEFAULT_POLICY).to, `${ahead} ahead`).to.equal(to);
    }
  });
});
