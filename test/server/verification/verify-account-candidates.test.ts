import { expect } from 'chai';
import { NO_FAILURES } from '../../../server/verification/failures.ts';
import { createPolicy, DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { Env, Failures, Subject } from '../../../server/verification/types.ts';
import { verifyByAccount } from '../../../server/verification/verify-account.ts';
import type { Seed } from '../../../shared/types.ts';
import {
  attempt,
  codeOf,
  countingOtp,
  eventSubject,
  NOW,
  realOtp,
  wrongCode,
} from '../../support/verification.ts';

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };
const first = eventSubject();
const second: Subject = { ...first, seed: new Uint8Array(20).fill(9) as Seed };
const both = [first, second] as const;
const failing = (changes: Partial<Failures>): Failures => ({ ...NO_FAILURES, ...changes });

/** A code that neither of the two has in any window. */
function wrongForBoth(nth = 0) {
  for (let n = nth; ; n += 1) {
    const code = wrongCode(first, 0, 60, n);
    const { outcome } = verifyByAccount(NO_FAILURES, [second], attempt(code), env);
    if (outcome === 'wrongCode') return code;
  }
}

describe('verification: verify by account, several candidates', () => {
  it('accepts a code of any candidate, and touches that one alone', () => {
    const good = codeOf(second, 20);
    const verdict = verifyByAccount(failing({ failuresInRow: 2 }), both, attempt(good), env);
    expect(verdict).to.deep.include({ outcome: 'accepted', by: 1, failures: NO_FAILURES });
    expect(Object.keys(verdict.tokens)).to.deep.equal(['1']);
    expect(verdict.tokens[1]?.record.factor).to.deep.equal({ type: 'event', nextCounter: 21 });
  });

  it('counts a failure once, on the account, however many were tested', () => {
    const otp = countingOtp();
    const wrong = wrongForBoth();
    const verdict = verifyByAccount(NO_FAILURES, both, attempt(wrong), { ...env, otp });
    expect(verdict.failures.failuresInRow).to.equal(1);
    expect(verdict.tokens).to.deep.equal({});
    const one = countingOtp();
    verifyByAccount(NO_FAILURES, [first], attempt(wrong), { ...env, otp: one });
    expect(otp.asked.length).to.equal(2 * one.asked.length);
  });

  it('locks all that were tested with the failure that reaches the limit', () => {
    const ninth = failing({ failuresInRow: 9, failuresSinceSuccess: 9 });
    const verdict = verifyByAccount(ninth, both, attempt(wrongForBoth()), env);
    expect(verdict.tokens[0]?.holds).to.deep.equal(['locked']);
    expect(verdict.tokens[1]?.holds).to.deep.equal(['locked']);
    expect(verdict.failures).to.deep.include({ failuresInRow: 0, failuresSinceSuccess: 10 });
    expect(verdict.sets).to.deep.equal(['locked']);
  });

  it('waits for the longest wait of account and candidates', () => {
    const waiting = eventSubject({ failures: { failuresInRow: 3, waitUntil: NOW + 9000 } });
    const own = failing({ failuresInRow: 3, waitUntil: NOW + 5000 });
    const verdict = verifyByAccount(own, [first, waiting], attempt(codeOf(first, 20)), env);
    expect(verdict).to.deep.include({ outcome: 'throttled', retryAfterSeconds: 9 });
  });

  it('says replayed only where no other candidate accepts', () => {
    const used = codeOf(first, 19);
    expect(verifyByAccount(NO_FAILURES, both, attempt(used), env).outcome).to.equal('replayed');
    const issued = { ...attempt(used), issued: true };
    expect(verifyByAccount(NO_FAILURES, both, issued, env).by).to.equal('issued');
  });

  it("accepts a code that one has used and that is another's next", () => {
    const used = codeOf(first, 19);
    const otp: Env['otp'] = {
      ...realOtp,
      number: (seed, factor, parameters) =>
        seed === second.seed && factor === 20
          ? Number(used)
          : realOtp.number(seed, factor, parameters),
    };
    const verdict = verifyByAccount(NO_FAILURES, both, attempt(used), { ...env, otp });
    expect(verdict).to.deep.include({ outcome: 'accepted', by: 1 });
  });

  it('looks in the resync window of the latest registered alone', () => {
    const next: Env = { ...env, policy: createPolicy({ nextCodeSeconds: 120 }) };
    const ahead = attempt(codeOf(first, 150));
    const asked = verifyByAccount(NO_FAILURES, both, ahead, next);
    expect(asked.outcome).to.equal('nextCodeRequired');
    expect(Object.keys(asked.tokens)).to.deep.equal(['0']);
    const other = verifyByAccount(NO_FAILURES, [second, first], ahead, next);
    expect(other.outcome).to.equal('wrongCode');
    expect(other.tokens).to.deep.equal({});
  });

  it('says again that the next code is awaited, where one of several awaits it', () => {
    const next: Env = { ...env, policy: createPolicy({ nextCodeSeconds: 120 }) };
    const ahead = attempt(codeOf(first, 150));
    const { failures, tokens } = verifyByAccount(NO_FAILURES, [first], ahead, next);
    const awaiting = { ...first, ...tokens[0] };
    const again = verifyByAccount(failures, [second, awaiting], ahead, next);
    expect(again).to.deep.equal({ outcome: 'nextCodeRequired', failures, tokens: {} });
    expect(verifyByAccount(failures, both, ahead, next).outcome).to.equal('wrongCode');
  });

  describe('a code that fobd gave out', () => {
    const issued = { ...attempt(wrongForBoth()), issued: true };

    it("is accepted, clears the account's counts and touches no token", () => {
      const verdict = verifyByAccount(failing({ failuresInRow: 8 }), both, issued, env);
      expect(verdict).to.deep.equal({
        outcome: 'accepted',
        by: 'issued',
        failures: NO_FAILURES,
        tokens: {},
      });
    });

    it('is accepted where the token is locked, and refused while the account waits', () => {
      const held = eventSubject({}, { holds: ['locked'] });
      expect(verifyByAccount(NO_FAILURES, [held], issued, env).outcome).to.equal('accepted');
      const waits = failing({ failuresInRow: 3, waitUntil: NOW + 5000 });
      expect(verifyByAccount(waits, both, issued, env).outcome).to.equal('throttled');
    });
  });
});
