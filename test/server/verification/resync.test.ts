import { expect } from 'chai';
import { relearnt } from '../../../server/verification/drift.ts';
import { liftLock } from '../../../server/verification/holds.ts';
import { DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import { resync } from '../../../server/verification/resync.ts';
import type { Env, Subject } from '../../../server/verification/types.ts';
import { verify } from '../../../server/verification/verify.ts';
import { HOLDS, type Hold, LIVES, type Outcome } from '../../../shared/types.ts';
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
  twoCodes,
  wrongCode,
} from '../../support/verification.ts';

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };
const token = eventSubject();
const wrongPair = twoCodes(wrongCode(token, 0, 1100, 0), wrongCode(token, 0, 1100, 1));
const goodPair = twoCodes(codeOf(token, 500), codeOf(token, 501));
const lastWrong = { hash: 'hash', at: NOW };

describe('verification: resync', () => {
  it('finds the counter again, lifts locked and clears counts, wait and budget', () => {
    const failures = {
      failuresInRow: 10,
      failuresSinceSuccess: 42,
      waitUntil: NOW + MINUTE,
      lastWrong,
    };
    const locked = eventSubject({ failures, failedPairs: 4 }, { holds: ['locked'] });
    expect(resync(locked, goodPair, env)).to.deep.equal({
      outcome: 'accepted',
      record: {
        version: 1,
        factor: { type: 'event', nextCounter: 502 },
        failures: { failuresInRow: 0, failuresSinceSuccess: 0, waitUntil: 0, lastWrong },
        failedPairs: 0,
        lastAcceptedAt: NOW,
      },
      holds: [],
    });
  });

  it('finds the drift again, far outside the acceptance window, and burns both codes', () => {
    const lost = timeSubject({ lastStep: STEP - 5000, lastAcceptedAt: nowPlus(-40 * DAY) });
    const codes = twoCodes(codeOf(lost, STEP + 240), codeOf(lost, STEP + 241));
    const verdict = resync(lost, codes, env);
    expect(verdict.outcome).to.equal('accepted');
    const drift = relearnt(driftOf(0), STEP + 241, TIME, NOW);
    expect(verdict.record.factor).to.deep.equal({ type: 'time', lastStep: STEP + 241, drift });
    const found = { ...lost, record: verdict.record };
    for (const code of [codes.code1, codes.code2]) {
      expect(verify(found, attempt(code), env).outcome).to.equal('replayed');
    }
    expect(resync(found, codes, env).outcome, 'the same pair again').to.equal('wrongCode');
    const next = codeOf(lost, STEP + 242);
    expect(verify(found, attempt(next, nowPlus(30_000)), env).outcome).to.equal('accepted');
  });

  it('ignores a wait', () => {
    const waiting = eventSubject({ failures: { failuresInRow: 9, waitUntil: NOW + MINUTE } });
    expect(resync(waiting, goodPair, env).outcome).to.equal('accepted');
    const failed = resync(waiting, wrongPair, env);
    expect(failed.record.failures).to.deep.include({ failuresInRow: 9, waitUntil: NOW + MINUTE });
  });

  it('counts a failed pair since the last success and in the budget, and begins no wait', () => {
    const some = eventSubject({
      failures: { failuresInRow: 2, failuresSinceSuccess: 7, lastWrong },
    });
    const right = codeOf(token, 500);
    for (const codes of [
      wrongPair,
      twoCodes(right, wrongPair.code2),
      twoCodes(wrongPair.code1, right),
    ]) {
      expect(resync(some, codes, env)).to.deep.equal({
        outcome: 'wrongCode',
        record: {
          ...some.record,
          failures: { failuresInRow: 2, failuresSinceSuccess: 8, waitUntil: 0, lastWrong },
          failedPairs: 1,
        },
        holds: [],
      });
    }
  });

  it('locks with the fifth failed pair; then answers locked untested until an unlock', () => {
    let current: Subject = token;
    const holds: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const verdict = resync(current, wrongPair, env);
      expect(verdict.outcome).to.equal('wrongCode');
      current = { ...current, record: verdict.record, holds: verdict.holds };
      holds.push(verdict.holds.join());
    }
    expect(holds).to.deep.equal(['', '', '', '', 'locked']);
    for (const codes of [wrongPair, goodPair]) {
      const otp = countingOtp();
      const verdict = resync(current, codes, { ...env, otp });
      expect(verdict).to.deep.equal({
        outcome: 'locked',
        record: current.record,
        holds: ['locked'],
      });
      expect(verdict.record).to.equal(current.record);
      expect(otp.asked).to.deep.equal([]);
    }
    const unlocked: Subject = { ...current, record: liftLock(current.record), holds: [] };
    expect(resync(unlocked, goodPair, env).outcome).to.equal('accepted');
  });

  it('disables with the hundredth failure since the last success', () => {
    const worn = eventSubject({ failures: { failuresSinceSuccess: 99 } });
    const verdict = resync(worn, wrongPair, env);
    expect(verdict.outcome).to.equal('wrongCode');
    expect(verdict.holds).to.deep.equal(['disabled']);
    expect(resync({ ...worn, ...verdict }, goodPair, env).outcome).to.equal('disabled');
  });

  it('has its budget back after a success by code', () => {
    const worn = eventSubject({ failedPairs: 4 });
    const { record } = verify(worn, attempt(codeOf(worn, 20)), env);
    expect(record.failedPairs).to.equal(0);
  });

  it('is refused for every life but registered and every hold but locked', () => {
    const ANSWERS: Readonly<Record<Hold, Outcome>> = {
      locked: 'accepted',
      adminLocked: 'locked',
      disabled: 'disabled',
      suspended: 'suspended',
      lost: 'lost',
    };
    for (const life of LIVES) {
      for (const hold of HOLDS) {
        const subject = eventSubject({}, { life, holds: [hold] });
        const otp = countingOtp();
        const { outcome, record, holds } = resync(subject, goodPair, { ...env, otp });
        const ofLife: Partial<Record<string, Outcome>> = {
          revoked: 'revoked',
          stocked: hold === 'locked' ? 'notRegistered' : ANSWERS[hold],
        };
        expect(outcome, `${life} ${hold}`).to.equal(ofLife[life] ?? ANSWERS[hold]);
        if (outcome === 'accepted') continue;
        expect(record).to.equal(subject.record);
        expect(holds).to.equal(subject.holds);
        expect(otp.asked).to.deep.equal([]);
      }
    }
  });

  it('answers by precedence: another hold beside locked, or a spent budget', () => {
    const both = eventSubject({ failedPairs: 5 }, { holds: ['locked', 'suspended'] });
    expect(resync(both, goodPair, env).outcome).to.equal('suspended');
    const spent = eventSubject({ failedPairs: 5 }, { holds: ['locked'] });
    expect(resync(spent, goodPair, env).outcome).to.equal('locked');
  });

  it('counts on a decoy, which never matches', () => {
    const decoy: Subject = { ...token, decoy: true };
    const verdict = resync(decoy, goodPair, env);
    expect(verdict.outcome).to.equal('wrongCode');
    expect(verdict.record).to.deep.include({ failedPairs: 1, factor: token.record.factor });
    expect(verdict.record.failures.failuresSinceSuccess).to.equal(1);
  });

  it('refuses equal codes uncounted whatever the token', () => {
    const equal = twoCodes(wrongPair.code1, wrongPair.code1);
    expect(() => resync(token, equal, env)).to.throw('same');
    expect(() => resync({ ...token, life: 'stocked' }, equal, env)).to.throw('same');
    expect(() => resync(eventSubject({ failedPairs: 5 }), equal, env)).to.throw('same');
  });
});
