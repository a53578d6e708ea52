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
import { awaitNextCode, findCode, isAwaited, seeksNextCode, withoutNextCode } from './next-code.ts';
import type { Policy } from './policy.ts';
import type { AccountVerdict, Attempt, Env, Failures, Subject, Verdict } from './types.ts';
import { acceptMatch, matchOf, wrongOf } from './verify.ts';

/**
 * Whether a code is good, by account. The failure counts once, on the account; the candidate is
 * touched by a success, by the failure that reaches a limit, and in next-code mode by a wait for
 * the next code that begins or ends.
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
  const verdict = judgeByAccount(failures, candidate, attempt, env);
  if (verdict !== undefined) return verdict;
  return judgeFoundByAccount(failures, candidate, attempt, findCode(candidate, attempt, env), env);
}

/** As far as it goes without the resync window; `undefined` where that must be searched. */
export function judgeByAccount(
  failures: Failures,
  candidate: Subject,
  attempt: Attempt,
  env: Env,
): AccountVerdict | undefined {
  const { record, life, holds } = candidate;
  const refused = refusal(life, holds);
  if (refused !== undefined) return { outcome: refused, failures };
  const wait = longerWait(failures, record.failures, attempt.now, env);
  if (wait > 0) return { outcome: 'throttled', failures, retryAfterSeconds: wait };
  const match = matchOf(candidate, attempt, env);
  if (match === 'replayed') return { outcome: 'replayed', failures };
  if (match !== undefined) {
    const token = acceptMatch(candidate, match, attempt, env);
    return { outcome: 'accepted', failures: clearFailures(failures), token };
  }
  const wrong = wrongOf(attempt);
  if (isRepeat(failures, wrong, env.policy)) {
    const awaited = isAwaited(record, wrong, env.policy);
    return { outcome: awaited ? 'nextCodeRequired' : 'wrongCode', failures };
  }
  if (seeksNextCode(record, env.policy)) return undefined;
  return countOnAccount(failures, candidate, wrong, [], env);
}

/** The rest, where `judgeByAccount` left off, with what the resync window held. */
export const judgeFoundByAccount = (
  failures: Failures,
  candidate: Subject,
  attempt: Attempt,
  found: readonly number[],
  env: Env,
): AccountVerdict => countOnAccount(failures, candidate, wrongOf(attempt), found, env);

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
  found: readonly number[],
  { policy }: Env,
): AccountVerdict {
  const counted = countWrongCode(failures, wrong, policy);
  const locks = reachesLock(counted, policy);
  const disables = reachesDisable(counted, policy);
  const left = zeroReached(counted, policy);
  if (candidate.decoy === true) return { outcome: 'wrongCode', failures: left };
  let { holds } = candidate;
  if (locks) holds = withHold(holds, 'locked');
  if (disables) holds = withHold(holds, 'disabled');
  const ended = withoutNextCode(candidate.record);
  const opens = found.length > 0 && !locks && !disables;
  const outcome = opens ? 'nextCodeRequired' : 'wrongCode';
  const record = opens ? awaitNextCode(ended, wrong, found) : ended;
  if (holds === candidate.holds && record === candidate.record) return { outcome, failures: left };
  const token: Verdict = { outcome, record, holds };
  return { outcome, failures: left, token };
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
