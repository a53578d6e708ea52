import { expect } from 'chai';
import { firstEstimate, learnt, relearnt } from '../../../server/verification/drift.ts';
import {
  acceptFactor,
  forgetClock,
  newFactor,
  typedFactor,
} from '../../../server/verification/factor.ts';
import {
  DAY,
  driftOf,
  EVENT,
  NOW,
  nowPlus,
  STEP,
  TIME,
  timeSubject,
} from '../../support/verification.ts';

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
    const { factor } = acceptFactor(timeSubject(), STEP + 3, {
      now: nowPlus(89_999),
      proof: 'code',
      env: {},
    });
    expect(factor).to.include({ type: 'time', lastStep: STEP + 3 });
    const first = acceptFactor({ ...timeSubject(), record: newFactor(TIME, 0) }, STEP, {
      now: NOW,
      proof: 'pair',
      env: {},
    });
    const drift = firstEstimate(STEP, TIME, NOW);
    expect(first.factor).to.deep.equal({ type: 'time', lastStep: STEP, drift });
  });

  it('teaches nothing while the clock is not steady, but burns the step', () => {
    const later = nowPlus(30 * DAY);
    const subject = timeSubject();
    for (const proof of ['code', 'pair'] as const) {
      const learning = { now: later, proof, env: { learns: () => true } };
      const paused = { now: later, proof, env: { learns: () => false } };
      const step = STEP + 30 * 2880;
      expect(acceptFactor(subject, step, paused).factor).to.deep.equal({
        ...subject.record.factor,
        lastStep: step,
      });
      const { factor } = acceptFactor(subject, step, learning);
      expect(factor).not.to.deep.include({ drift: driftOf(0) });
    }
  });

  it('learns from a pair as from a proof, and from a single code with care', () => {
    const subject = timeSubject({ drift: driftOf(0) });
    const now = nowPlus(7 * DAY);
    const step = STEP + 7 * 2880 + 40;
    const learn = { code: learnt, pair: relearnt };
    for (const proof of ['code', 'pair'] as const) {
      const { factor } = acceptFactor(subject, step, { now, proof, env: {} });
      const drift = learn[proof](driftOf(0), step, TIME, now);
      expect(factor, proof).to.deep.equal({ type: 'time', lastStep: step, drift });
    }
  });

  it('forgets a clock and burns on; an event token has none to forget', () => {
    const known = timeSubject({ drift: driftOf(5), lastStep: STEP }).record;
    expect(forgetClock(known).factor).to.deep.equal({ type: 'time', lastStep: STEP });
    const event = newFactor(EVENT, 3);
    expect(forgetClock(event)).to.equal(event);
  });

  it('refuses records that disagree about their type', () => {
    const mixed = { ...timeSubject(), parameters: EVENT };
    expect(() => typedFactor(mixed)).to.throw('could not decide');
    const other = { ...timeSubject(), record: newFactor(EVENT, 0) };
    expect(() => typedFactor(other)).to.throw('could not decide');
  });
});
