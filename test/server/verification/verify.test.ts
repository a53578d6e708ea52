import { expect } from 'chai';
import { firstEstimate } from '../../../server/verification/drift.ts';
import { createPolicy, DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { Env, Subject } from '../../../server/verification/types.ts';
import { verify } from '../../../server/verification/verify.ts';
import type { Hold, Life, Outcome } from '../../../shared/types.ts';
import {
  attempt,
  codeOf,
  countingOtp,
  DAY,
  driftOf,
  eventSubject,
  MINUTE,
  NOW,
  nowPlus,
  realOtp,
  STEP,
  TIME,
  timeSubject,
  wrongFor,
} from '../../support/verification.ts';

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };
const RFC_4226_CODES = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489';

describe('verification: verify, event tokens', () => {
  it('accepts the codes of RFC 4226 appendix D in order, each once', () => {
    let subject = eventSubject({ nextCounter: 0 });
    for (const [counter, code] of RFC_4226_CODES.split(' ').entries()) {
      const good = codeOf(subject, counter);
      expect(good).to.equal(code);
      const verdict = verify(subject, attempt(good), env);
      expect(verdict.outcome).to.equal('accepted');
      expect(verdict.record.factor).to.deep.equal({ type: 'event', nextCounter: counter + 1 });
      subject = { ...subject, record: verdict.record };
      expect(verify(subject, attempt(good), env).outcome).to.equal('replayed');
    }
  });

  const COUNTERS: readonly (readonly [counter: number, outcome: Outcome])[] = [
    [9, 'wrongCode'],
    [10, 'replayed'],
    [18, 'replayed'],
    [19, 'replayed'],
    [20, 'accepted'],
    [21, 'accepted'],
    [29, 'accepted'],
    [30, 'wrongCode'],
  ];
  for (const [counter, outcome] of COUNTERS) {
    it(`answers ${outcome} to counter ${counter} when 20 is the next`, () => {
      const subject = eventSubject();
      const verdict = verify(subject, attempt(codeOf(subject, counter)), env);
      expect(verdict.outcome).to.equal(outcome);
      const next = outcome === 'accepted' ? counter + 1 : 20;
      expect(verdict.record.factor).to.deep.equal({ type: 'event', nextCounter: next });
    });
  }

  it('does not look below counter 0 or above 2^53 - 1', () => {
    const low = eventSubject({ nextCounter: 2 });
    expect(verify(low, attempt(wrongFor(low)), env).outcome).to.equal('wrongCode');
    const last = Number.MAX_SAFE_INTEGER;
    const high = eventSubject({ nextCounter: last - 1 });
    const verdict = verify(high, attempt(codeOf(high, last)), env);
    expect(verdict.outcome).to.equal('accepted');
    const spent = { ...high, record: verdict.record };
    expect(verify(spent, attempt(codeOf(high, last)), env).outcome).to.equal('replayed');
  });

  it('takes look-ahead and replayed counters from the policy', () => {
    const subject = eventSubject();
    const policy = createPolicy({ lookAhead: 2, replayedCounters: 1 });
    const outcomes = [18, 19, 20, 21, 22].map(
      (c) => verify(subject, attempt(codeOf(subject, c)), { otp: realOtp, policy }).outcome,
    );
    expect(outcomes.join(' ')).to.equal('wrongCode replayed accepted accepted wrongCode');
  });
});

describe('verification: verify, time tokens', () => {
  const STEPS: readonly (readonly [from: number, outcome: Outcome])[] = [
    [-2, 'wrongCode'],
    [-1, 'replayed'],
    [0, 'accepted'],
    [1, 'accepted'],
    [2, 'wrongCode'],
  ];
  for (const [from, outcome] of STEPS) {
    it(`answers ${outcome} to the step ${from} from the prediction, used a step ago`, () => {
      const subject = timeSubject();
      const verdict = verify(subject, attempt(codeOf(subject, STEP + from)), env);
      expect(verdict.outcome).to.equal(outcome);
      const { factor } = verdict.record;
      expect(factor).to.include({ lastStep: outcome === 'accepted' ? STEP + from : STEP - 1 });
    });
  }

  it('predicts from the learnt offset', () => {
    const subject = timeSubject({ offsetSteps: -7, lastStep: STEP - 20 });
    const outcomes = [-9, -8, -7, -6, -5, 0].map(
      (from) => verify(subject, attempt(codeOf(subject, STEP + from)), env).outcome,
    );
    expect(outcomes.join(' ')).to.equal('wrongCode accepted accepted accepted wrongCode wrongCode');
  });

  const IDLE: readonly (readonly [days: number, codes: number])[] = [
    [0, 4],
    [7, 4],
    [30, 6],
    [90, 13],
    [180, 24],
    [365, 41],
    [5000, 41],
    [-3, 4],
  ];
  for (const [days, codes] of IDLE) {
    it(`accepts ${codes} codes after ${days} idle days`, () => {
      const subject = timeSubject({
        lastStep: STEP - 15_000_000,
        drift: firstEstimate(STEP - 2880 * days, TIME, nowPlus(-days * DAY)),
      });
      const steps = Array.from({ length: 101 }, (_, n) => STEP + n - 50);
      const good = steps.filter(
        (step) => verify(subject, attempt(codeOf(subject, step)), env).outcome === 'accepted',
      );
      expect(good).to.have.length(codes);
      expect(good.at(-1)).to.equal((good[0] ?? 0) + codes - 1);
    });
  }
});

describe('verification: verify, refusals', () => {
  const CASES: readonly (readonly [Life, readonly Hold[], Outcome])[] = [
    ['registered', ['locked'], 'locked'],
    ['registered', ['adminLocked'], 'locked'],
    ['registered', ['disabled'], 'disabled'],
    ['registered', ['suspended'], 'suspended'],
    ['registered', ['lost'], 'lost'],
    ['registered', ['locked', 'adminLocked', 'disabled', 'suspended', 'lost'], 'lost'],
    ['registered', ['locked', 'adminLocked', 'suspended'], 'locked'],
    ['registered', ['locked', 'suspended'], 'suspended'],
    ['revoked', ['lost'], 'revoked'],
    ['stocked', [], 'notRegistered'],
  ];
  for (const [life, holds, outcome] of CASES) {
    it(`answers ${outcome} untested when ${life} with ${holds.join(', ') || 'no hold'}`, () => {
      const failures = { failuresInRow: 3, failuresSinceSuccess: 3, waitUntil: NOW + MINUTE };
      const subject = eventSubject({ failures }, { life, holds });
      const otp = countingOtp();
      const verdict = verify(subject, attempt(codeOf(subject, 20)), { ...env, otp });
      expect(verdict).to.deep.equal({ outcome, record: subject.record, holds });
      expect(verdict.record).to.equal(subject.record);
      expect(otp.asked).to.deep.equal([]);
    });
  }
});

describe('verification: verify, work and decoys', () => {
  it('makes one code for a hit, every code once for a miss', () => {
    const event = eventSubject();
    const drift = { ...driftOf(0), offsetVariance: 75 ** 2 / 3.5 ** 2 };
    const time = timeSubject({ drift, lastStep: STEP - 2 });
    const asked = (subject: Subject, code: string): readonly number[] => {
      const otp = countingOtp();
      verify(subject, attempt(code as never), { ...env, otp });
      return otp.asked;
    };
    expect(asked(event, codeOf(event, 20))).to.deep.equal([20]);
    expect(asked(event, codeOf(event, 22))).to.deep.equal([20, 21, 22]);
    const ahead = [20, 21, 22, 23, 24, 25, 26, 27, 28, 29];
    const behind = [19, 18, 17, 16, 15, 14, 13, 12, 11, 10];
    expect(asked(event, wrongFor(event))).to.deep.equal([...ahead, ...behind]);
    expect(asked(event, codeOf(event, 19))).to.deep.equal([...ahead, ...behind]);
    expect(asked(time, codeOf(time, STEP))).to.deep.equal([STEP]);
    const around = [0, -1, 1, 2, 3, -3, -2].map((from) => STEP + from);
    expect(asked(time, wrongFor(time))).to.deep.equal(around);
  });

  for (const token of [eventSubject(), timeSubject()]) {
    const { type } = token.parameters;
    it(`does a miss's work for a decoy and never matches (${type} token)`, () => {
      const decoy: Subject = { ...token, decoy: true };
      const miss = countingOtp();
      verify(token, attempt(wrongFor(token)), { ...env, otp: miss });
      const [good, old] = type === 'event' ? [20, 19] : [STEP, STEP - 1];
      for (const code of [codeOf(token, good), codeOf(token, old), wrongFor(token)]) {
        const otp = countingOtp();
        const verdict = verify(decoy, attempt(code), { ...env, otp });
        expect(verdict.outcome).to.equal('wrongCode');
        expect(verdict.record.failures.failuresInRow).to.equal(1);
        expect(verdict.record.factor).to.equal(token.record.factor);
        expect(otp.asked).to.deep.equal(miss.asked);
      }
    });
  }

  it('throws when the two records of a token disagree', () => {
    const mixed = { ...eventSubject(), parameters: timeSubject().parameters };
    expect(() => verify(mixed, attempt(wrongFor(mixed)), env)).to.throw('could not decide');
  });
});
