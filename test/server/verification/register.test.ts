import { expect } from 'chai';
import { firstEstimate } from '../../../server/verification/drift.ts';
import { newFactor } from '../../../server/verification/factor.ts';
import { liftLock } from '../../../server/verification/holds.ts';
import { createPolicy, DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import { register } from '../../../server/verification/register.ts';
import type { Env, Subject } from '../../../server/verification/types.ts';
import { verify } from '../../../server/verification/verify.ts';
import { HOLDS, type Outcome } from '../../../shared/types.ts';
import {
  attempt,
  codeOf,
  countingOtp,
  EVENT,
  NOW,
  realOtp,
  SEED,
  STEP,
  TIME,
  twoCodes,
  wrongCode,
} from '../../support/verification.ts';

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };

const stocked = (parameters: Subject['parameters'], nextCounter = 7): Subject => ({
  life: 'stocked',
  holds: [],
  parameters,
  record: newFactor(parameters, nextCounter),
  seed: SEED,
});
const event = stocked(EVENT);
const time = stocked(TIME);
const wrongPair = twoCodes(wrongCode(event, 0, 1100, 0), wrongCode(event, 0, 1100, 1));
const pairOf = (subject: Subject, first: number, second: number) =>
  twoCodes(codeOf(subject, first), codeOf(subject, second));

describe('verification: register', () => {
  it('takes PSKC Counter as inclusive: the very next code may be the first', () => {
    const verdict = register(event, pairOf(event, 7, 8), env);
    expect(verdict.outcome).to.equal('accepted');
    expect(verdict.record).to.deep.equal({
      version: 1,
      factor: { type: 'event', nextCounter: 9 },
      failures: { failuresInRow: 0, failuresSinceSuccess: 0, waitUntil: 0 },
      failedPairs: 0,
      lastAcceptedAt: NOW,
    });
  });

  it('learns the offset of a time token from the second code', () => {
    const verdict = register(time, pairOf(time, STEP - 122, STEP - 120), env);
    expect(verdict.outcome).to.equal('accepted');
    const drift = firstEstimate(STEP - 120, TIME, NOW);
    expect(verdict.record.factor).to.deep.equal({ type: 'time', lastStep: STEP - 120, drift });
  });

  const BURNT: readonly (readonly [counter: number, outcome: Outcome])[] = [
    [7, 'replayed'],
    [8, 'replayed'],
    [9, 'accepted'],
  ];
  for (const [counter, outcome] of BURNT) {
    it(`answers ${outcome} to code ${counter} after 7 and 8 have registered the token`, () => {
      const { record } = register(event, pairOf(event, 7, 8), env);
      const registered: Subject = { ...event, life: 'registered', record };
      expect(verify(registered, attempt(codeOf(event, counter)), env).outcome).to.equal(outcome);
    });
  }

  it('does not let a code that registered a time token be used again', () => {
    const { record } = register(time, pairOf(time, STEP - 1, STEP), env);
    const registered: Subject = { ...time, life: 'registered', record };
    for (const step of [STEP - 1, STEP]) {
      expect(verify(registered, attempt(codeOf(time, step)), env).outcome).to.equal('replayed');
    }
  });

  it('counts a failed pair on the serial only, and answers the same if one code was right', () => {
    const right = codeOf(event, 7);
    for (const codes of [
      wrongPair,
      twoCodes(right, wrongPair.code2),
      twoCodes(wrongPair.code1, right),
      pairOf(event, 8, 7),
    ]) {
      expect(register(event, codes, env)).to.deep.equal({
        outcome: 'wrongCode',
        record: { ...event.record, failedPairs: 1 },
        holds: [],
      });
    }
  });

  it('answers locked, untested, after twenty failed pairs, until the serial is unlocked', () => {
    let current = event;
    for (let n = 0; n < 20; n += 1) {
      const verdict = register(current, wrongPair, env);
      expect(verdict.outcome).to.equal('wrongCode');
      expect(verdict.holds, 'a stranger sets no hold').to.deep.equal([]);
      current = { ...current, record: verdict.record };
    }
    const otp = countingOtp();
    const good = pairOf(event, 7, 8);
    const refused = register(current, good, { ...env, otp });
    expect(refused).to.deep.equal({ outcome: 'locked', record: current.record, holds: [] });
    expect(refused.record).to.equal(current.record);
    expect(otp.asked).to.deep.equal([]);
    const unlocked = { ...current, record: liftLock(current.record) };
    expect(register(unlocked, good, env).outcome).to.equal('accepted');
  });

  it('never nears a hold however many pairs fail', () => {
    const policy = createPolicy({
      registrationFailedPairsPerSerial: 100,
      resyncFailedPairs: 1,
      disableAfterFailures: 10,
    });
    let current = event;
    for (let n = 0; n < 30; n += 1) {
      const { record, holds } = register(current, wrongPair, { ...env, policy });
      current = { ...current, record, holds };
    }
    expect(current.holds).to.deep.equal([]);
    expect(current.record.failures).to.equal(event.record.failures);
    expect(current.record.failedPairs).to.equal(30);
  });

  for (const hold of HOLDS) {
    it(`refuses a stocked token with the hold ${hold}, untested`, () => {
      const otp = countingOtp();
      const held: Subject = { ...event, holds: [hold] };
      const verdict = register(held, pairOf(event, 7, 8), { ...env, otp });
      expect(verdict.outcome).to.equal(hold === 'adminLocked' ? 'locked' : hold);
      expect(verdict.record).to.equal(held.record);
      expect(otp.asked).to.deep.equal([]);
    });
  }

  for (const life of ['registered', 'revoked'] as const) {
    it(`does the work for a ${life} token, and leaves it as it was`, () => {
      const otp = countingOtp();
      const foreign: Subject = { ...event, life };
      const verdict = register(foreign, pairOf(event, 7, 8), { ...env, otp });
      expect(verdict.outcome).to.equal('wrongCode');
      expect(verdict.record).to.equal(foreign.record);
      expect(otp.asked).to.have.length(1000);
    });
  }

  it('does the same for one that is held, or whose tries are spent: nothing shows', () => {
    for (const life of ['registered', 'revoked'] as const) {
      const record = { ...event.record, failedPairs: 20 };
      const subject: Subject = { ...event, life, record, holds: ['locked', 'lost'] };
      const otp = countingOtp();
      const verdict = register(subject, pairOf(event, 7, 8), { ...env, otp });
      expect(verdict).to.deep.equal({ outcome: 'wrongCode', record, holds: subject.holds });
      expect(otp.asked.length).to.be.at.least(1000);
    }
  });

  it('counts on a decoy, which never matches, and refuses it after twenty', () => {
    const decoy: Subject = { ...event, life: 'registered', decoy: true };
    const verdict = register(decoy, pairOf(event, 7, 8), env);
    expect(verdict.outcome).to.equal('wrongCode');
    expect(verdict.record.failedPairs).to.equal(1);
    const spent = { ...decoy, record: { ...decoy.record, failedPairs: 20 } };
    expect(register(spent, wrongPair, env).outcome).to.equal('locked');
  });

  it('refuses equal codes uncounted whatever the token', () => {
    const equal = twoCodes(wrongPair.code1, wrongPair.code1);
    expect(() => register(event, equal, env)).to.throw('same');
    expect(() => register({ ...event, life: 'revoked' }, equal, env)).to.throw('same');
    expect(() => register({ ...event, holds: ['lost'] }, equal, env)).to.throw('same');
  });
});
