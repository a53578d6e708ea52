import { expect } from 'chai';
import { NO_FAILURES } from '../../../server/verification/failures.ts';
import { createPolicy, DEFAULT_POLICY } from '../../../server/verification/policy.ts';
import type { AccountVerdict, Env, Failures, Subject } from '../../../server/verification/types.ts';
import { verify } from '../../../server/verification/verify.ts';
import { verifyByAccount } from '../../../server/verification/verify-account.ts';
import {
  attempt,
  codeOf,
  countingOtp,
  DAY,
  eventSubject,
  NOW,
  nowPlus,
  realOtp,
  SECOND,
  wrongCode,
} from '../../support/verification.ts';

const env: Env = { otp: realOtp, policy: DEFAULT_POLICY };
const token = eventSubject();
const good = codeOf(token, 20);
const wrong = (nth = 0) => wrongCode(token, 0, 60, nth);
const failing = (changes: Partial<Failures>): Failures => ({ ...NO_FAILURES, ...changes });

describe('verification: verify by account', () => {
  it("clears the account's counts and that token's with a success", () => {
    const worn = eventSubject({
      failures: { failuresInRow: 9, failuresSinceSuccess: 90 },
      failedPairs: 4,
    });
    const own = failing({ failuresInRow: 8, failuresSinceSuccess: 80 });
    const verdict = verifyByAccount(own, [worn], attempt(good), env);
    expect(verdict.outcome).to.equal('accepted');
    expect(verdict.failures).to.deep.equal(NO_FAILURES);
    expect(verdict.tokens[0]?.record).to.deep.equal({
      version: 1,
      factor: { type: 'event', nextCounter: 21 },
      failures: NO_FAILURES,
      failedPairs: 0,
      lastAcceptedAt: NOW,
    });
  });

  it('counts a failure once, on the account, and leaves the token alone', () => {
    const verdict = verifyByAccount(NO_FAILURES, [token], attempt(wrong()), env);
    expect(verdict).to.deep.equal({
      outcome: 'wrongCode',
      failures: {
        failuresInRow: 1,
        failuresSinceSuccess: 1,
        waitUntil: 0,
        lastWrong: { hash: attempt(wrong()).codeHash(), at: NOW },
      },
      tokens: {},
    });
  });

  it('waits by its own failures, then locks the tested token and begins anew', () => {
    let failures = NO_FAILURES;
    let now = 0;
    const answers: string[] = [];
    let last: AccountVerdict | undefined;
    for (let n = 0; n < 10; n += 1) {
      expect(last?.tokens[0], 'nothing of the token before the limit').to.equal(undefined);
      last = verifyByAccount(failures, [token], attempt(wrong(n), nowPlus(now)), env);
      failures = last.failures;
      const waitSeconds = Math.max(0, failures.waitUntil - NOW - now) / SECOND;
      answers.push(`${last.outcome} ${failures.failuresInRow} ${waitSeconds}`);
      now += waitSeconds * SECOND;
    }
    expect(answers).to.deep.equal([
      'wrongCode 1 0',
      'wrongCode 2 0',
      'wrongCode 3 5',
      'wrongCode 4 10',
      'wrongCode 5 20',
      'wrongCode 6 40',
      'wrongCode 7 80',
      'wrongCode 8 160',
      'wrongCode 9 300',
      'wrongCode 0 0',
    ]);
    expect(last?.tokens[0]).to.deep.equal({
      outcome: 'wrongCode',
      record: token.record,
      holds: ['locked'],
    });
    expect(last?.tokens[0]?.record).to.equal(token.record);
    expect(failures.failuresSinceSuccess, 'a lock is no success').to.equal(10);
  });

  it('locks and disables the tested token with the hundredth failure, zeroing both counts', () => {
    const own = failing({ failuresInRow: 9, failuresSinceSuccess: 99 });
    const verdict = verifyByAccount(own, [token], attempt(wrong()), env);
    expect(verdict.outcome).to.equal('wrongCode');
    expect(verdict.tokens[0]?.holds).to.deep.equal(['locked', 'disabled']);
    expect(verdict.sets).to.deep.equal(['locked', 'disabled']);
    expect(verdict.failures).to.deep.include(NO_FAILURES);
  });

  it('disables without a lock where only the hundred is reached, and zeroes the wait too', () => {
    const own = failing({ failuresInRow: 4, failuresSinceSuccess: 99 });
    const verdict = verifyByAccount(own, [token], attempt(wrong()), env);
    expect(verdict.tokens[0]?.holds).to.deep.equal(['disabled']);
    expect(verdict.failures).to.deep.include(NO_FAILURES);
  });

  it('neither tests nor counts while the account waits, or the token does', () => {
    const waits: readonly (readonly [own: number, tokens: number, seconds: number | undefined])[] =
      [
        [5000, 0, 5],
        [0, 7000, 7],
        [5000, 7000, 7],
        [9000, 7000, 9],
        [0, 0, undefined],
        [-1, -1, undefined],
      ];
    for (const [own, tokens, seconds] of waits) {
      const failures = failing({ failuresInRow: 3, waitUntil: NOW + own });
      const candidate = eventSubject({ failures: { failuresInRow: 3, waitUntil: NOW + tokens } });
      const otp = countingOtp();
      const verdict = verifyByAccount(failures, [candidate], attempt(good), { ...env, otp });
      expect(verdict.retryAfterSeconds).to.equal(seconds);
      if (seconds === undefined) {
        expect(verdict.outcome).to.equal('accepted');
      } else {
        expect(verdict).to.deep.equal({
          outcome: 'throttled',
          failures,
          tokens: {},
          retryAfterSeconds: seconds,
        });
        expect(verdict.failures).to.equal(failures);
        expect(otp.asked).to.deep.equal([]);
      }
    }
  });

  it("does not let the account's wait bind requests by serial", () => {
    const candidate = eventSubject();
    const own = failing({ failuresInRow: 3, waitUntil: NOW + 5000 });
    expect(verifyByAccount(own, [candidate], attempt(good), env).outcome).to.equal('throttled');
    expect(verify(candidate, attempt(good), env).outcome).to.equal('accepted');
  });

  it("has its own last wrong code: the token's is not looked at", () => {
    const lastWrong = { hash: attempt(wrong()).codeHash(), at: NOW };
    const remembered = eventSubject({ failures: { lastWrong } });
    const counted = verifyByAccount(NO_FAILURES, [remembered], attempt(wrong()), env);
    expect(counted.failures.failuresInRow).to.equal(1);
    const own = failing({ failuresInRow: 1, failuresSinceSuccess: 1, lastWrong });
    const repeated = verifyByAccount(own, [token], attempt(wrong(), nowPlus(59_999)), env);
    expect(repeated).to.deep.equal({ outcome: 'wrongCode', failures: own, tokens: {} });
    expect(repeated.failures).to.equal(own);
    const later = verifyByAccount(own, [token], attempt(wrong(), nowPlus(60_000)), env);
    expect(later.failures.failuresInRow).to.equal(2);
  });

  it('does not count a replay', () => {
    const verdict = verifyByAccount(NO_FAILURES, [token], attempt(codeOf(token, 19)), env);
    expect(verdict).to.deep.equal({ outcome: 'replayed', failures: NO_FAILURES, tokens: {} });
  });

  it('answers with what holds a candidate, before any wait, untested and uncounted', () => {
    const own = failing({ waitUntil: NOW + DAY });
    const otp = countingOtp();
    const held = eventSubject({}, { holds: ['locked'] });
    const verdict = verifyByAccount(own, [held], attempt(good), { ...env, otp });
    expect(verdict).to.deep.equal({ outcome: 'locked', failures: own, tokens: {} });
    expect(otp.asked).to.deep.equal([]);
  });

  it("counts on the account for a decoy, does a miss's work and has nothing to write", () => {
    const decoy: Subject = { ...token, decoy: true };
    const miss = countingOtp();
    verifyByAccount(NO_FAILURES, [token], attempt(wrong()), { ...env, otp: miss });
    for (const code of [good, codeOf(token, 19), wrong()]) {
      const otp = countingOtp();
      const verdict = verifyByAccount(NO_FAILURES, [decoy], attempt(code), { ...env, otp });
      expect(verdict.outcome).to.equal('wrongCode');
      expect(verdict.failures.failuresInRow).to.equal(1);
      expect(otp.asked).to.deep.equal(miss.asked);
    }
    const ninth = failing({ failuresInRow: 9, failuresSinceSuccess: 9 });
    const tenth = verifyByAccount(ninth, [decoy], attempt(wrong()), env);
    expect(tenth.tokens[0]).to.equal(undefined);
    expect(tenth.failures).to.deep.include({ failuresInRow: 0, failuresSinceSuccess: 10 });
  });

  it('takes its limits from the policy', () => {
    const policy = createPolicy({
      waitAfterFailures: 1,
      lockAfterFailures: 2,
      disableAfterFailures: 3,
    });
    let failures = NO_FAILURES;
    const holds = [0, 1, 2].map((n) => {
      const now = nowPlus(n * 5000);
      const verdict = verifyByAccount(failures, [token], attempt(wrong(n), now), {
        ...env,
        policy,
      });
      failures = verdict.failures;
      return verdict.tokens[0]?.holds.join(' ');
    });
    expect(holds).to.deep.equal([undefined, 'locked', 'disabled']);
  });
});
