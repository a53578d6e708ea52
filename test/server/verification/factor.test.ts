import { expect } from 'chai';
import { firstEstimate } from '../../../server/verification/drift.ts';
import { acceptFactor, newFactor } from '../../../server/verification/factor.ts';
import { EVENT, NOW, nowPlus, STEP, TIME, timeSubject } from '../../support/verification.ts';

describe('verification: factor', () => {
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
      factor: { type: 'time', lastStep: -1 },
      failures,
      failedPairs: 0,
    });
  });

  it('burns a step and learns from it', () => {
    const { factor } = acceptFactor(timeSubject(), STEP + 3, nowPlus(89_999), 'code');
    expect(factor).to.include({ type: 'time', lastStep: STEP + 3 });
    const first = acceptFactor({ ...timeSubject(), record: newFactor(TIME, 0) }, STEP, NOW, 'pair');
    const drift = firstEstimate(STEP, TIME, NOW);
    expect(first.factor).to.deep.equal({ type: 'time', lastStep: STEP, drift });
  });
});
