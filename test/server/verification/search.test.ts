import { expect } from 'chai';
import { searchCode } from '../../../server/verification/next-code.ts';
import { searchPair } from '../../../server/verification/pair.ts';
import { createPolicy } from '../../../server/verification/policy.ts';
import {
  finish,
  resyncRange,
  SLICE_CODES,
  sameRange,
} from '../../../server/verification/search.ts';
import type { Env, Search } from '../../../server/verification/types.ts';
import {
  attempt,
  codeOf,
  countingOtp,
  eventSubject,
  NOW,
  nowPlus,
  STEP,
  timeSubject,
  twoCodes,
} from '../../support/verification.ts';

const policy = createPolicy({ resyncCounters: 1000, nextCodeSeconds: 60 });

/** Codes made before each pause, and what came of it. */
function slices<Found>(begin: (env: Env) => Search<Found>): readonly [number[], Found] {
  const otp = countingOtp();
  const search = begin({ otp, policy });
  const made: number[] = [];
  for (let before = 0; ; before = otp.asked.length) {
    const step = search.next();
    made.push(otp.asked.length - before);
    if (step.done === true) return [made, step.value];
  }
}

describe('verification: search', () => {
  it('pauses after every 128 codes, whatever it has found', () => {
    const subject = eventSubject();
    const codes = twoCodes(codeOf(subject, 30), codeOf(subject, 31));
    const [pairSlices, second] = slices((env) => searchPair(subject, codes, env));
    expect(second).to.equal(31);
    const code = attempt(codeOf(subject, 30));
    const [codeSlices, found] = slices((env) => searchCode(subject, code, env));
    expect(found).to.deep.equal([30]);
    for (const made of [pairSlices, codeSlices]) {
      expect(Math.max(...made)).to.equal(SLICE_CODES);
      expect(made.reduce((sum, each) => sum + each)).to.equal(1000);
    }
  });

  it('finds the same when it is taken up again as without a pause', () => {
    const subject = timeSubject({ lastStep: STEP - 1000 });
    for (const first of [-290, -5, 120, 297]) {
      const codes = twoCodes(codeOf(subject, STEP + first), codeOf(subject, STEP + first + 2));
      const [, found] = slices((env) => searchPair(subject, codes, env));
      const otp = countingOtp();
      expect(found).to.equal(finish(searchPair(subject, codes, { otp, policy })));
      expect(found).to.equal(STEP + first + 2);
    }
  });

  it('looks in the same place for one moment and one record only', () => {
    const range = resyncRange(timeSubject(), NOW, policy);
    expect(range).to.deep.equal({
      from: STEP,
      to: STEP + policy.resyncSteps,
      prediction: STEP,
      apart: 3,
    });
    expect(sameRange(range, resyncRange(timeSubject(), nowPlus(14_999), policy))).to.equal(true);
    expect(sameRange(range, resyncRange(timeSubject(), nowPlus(15_000), policy))).to.equal(false);
    const later = resyncRange(timeSubject({ lastStep: STEP }), NOW, policy);
    expect(sameRange(range, later)).to.equal(false);
    const moved = resyncRange(timeSubject({ offsetSteps: 1 }), NOW, policy);
    expect(sameRange(range, moved)).to.equal(false);
    const wider = resyncRange(timeSubject(), NOW, { ...policy, pairStepsMax: 4 });
    expect(sameRange(range, wider)).to.equal(false);
    expect(sameRange(range, { ...range, prediction: range.prediction + 1 })).to.equal(false);
    expect(sameRange(range, { ...range, to: range.to + 1 })).to.equal(false);
  });

  it('ends where counters do', () => {
    const subject = eventSubject({ nextCounter: Number.MAX_SAFE_INTEGER - 5 });
    expect(resyncRange(subject, NOW, policy)).to.include({ to: Number.MAX_SAFE_INTEGER });
  });
});
