import {
  clearFailures,
  clearRow,
  countWrongCode,
  isRepeat,
  NO_FAILURES,
  reachesDisable,
  reachesLock,
  retryAfterSeconds,
  type WrongCode,
} from './failures.ts';
import { refusal, withHold } from './holds.ts';
import type { Policy } from './policy.ts';
import { scanCode } from './scan.ts';
import type { AccountVerdict, Attempt, Env, Failures, Subject } from './types.ts';
import { acceptCode } from './verify.ts';

/**
 * Whether a code is good, by account. The failure counts once, on the account; the candidate is
 * touched by a success, and by the failure that reaches a limit.
 *
 * @param failures the account's own
 * @param candidate the latest registered token without a hold; a decoy where there is none, so
 * that an account without a token costs the same work and counts the same
 */
export function verifyByAccount(
  failures: Failures,
  candidate: Subject,
  attempt: Attempt,
  env: Env,
): AccountVerdict {
  const { record, life, holds } = candidate;
  const refused = refusal(life, holds);
  if (refused !== undefined) return { outcome: refused, failures };
  const wait = longerWait(failures, record.failures, attempt.now, env);
  if (wait > 0) return { outcome: 'throttled', failures, retryAfterSeconds: wait };
  const finding = scanCode(candidate, attempt.code, attempt.now, env);
  if (finding === 'replayed') return { outcome: 'replayed', failures };
  if (finding !== 'nothing') {
    const token = acceptCode(candidate, finding, attempt.now, env);
    return { outcome: 'accepted', failures: clearFailures(failures), token };
  }
  const wrong = { hash: attempt.codeHash(), at: attempt.now };
  if (isRepeat(failures, wrong, env.policy)) return { outcome: 'wrongCode', failures };
  return countOnAccount(failures, candidate, wrong, env);
}

/** Whole seconds; 0 when neither waits. */
function longerWait(account: Failures, token: Failures, now: number, { policy }: Env): number {
  const secondsOf = ({ waitUntil }: Failures): number =>
    retryAfterSeconds(waitUntil, now, policy.waitSecondsMax) ?? 0;
  return Math.max(secondsOf(account), secondsOf(token));
}

function countOnAccount(
  failures: Failures,
  candidate: Subject,
  wrong: WrongCode,
  { policy }: Env,
): AccountVerdict {
  const counted = countWrongCode(failures, wrong, policy);
  const locks = reachesLock(counted, policy);
  const disables = reachesDisable(counted, policy);
  const left = zeroReached(counted, policy);
  if (candidate.decoy === true || !(locks || disables)) {
    return { outcome: 'wrongCode', failures: left };
  }
  let { holds } = candidate;
  if (locks) holds = withHold(holds, 'locked');
  if (disables) holds = withHold(holds, 'disabled');
  const token = { outcome: 'wrongCode', record: candidate.record, holds } as const;
  return { outcome: 'wrongCode', failures: left, token };
}

/**
 * The account's failures once a limit has passed to the token: a lock zeroes the row and its wait,
 * a disabling everything. A lock leaves the count since the last success standing, or a hundred
 * would never be reached and a token unlocked ten times would never be disabled.
 */
function zeroReached(counted: Failures, policy: Policy): Failures {
  if (reachesDisable(counted, policy)) return { ...counted, ...NO_FAILURES };
  return reachesLock(counted, policy) ? clearRow(counted) : counted;
}
