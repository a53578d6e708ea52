import { equalText } from './equal.ts';
import type { Policy } from './policy.ts';
import type { Failures } from './types.ts';

export const NO_FAILURES: Failures = { failuresInRow: 0, failuresSinceSuccess: 0, waitUntil: 0 };

const MILLIS = 1000;

/** A wrong code as it is remembered: its keyed hash, and when it was given. */
export type WrongCode = NonNullable<Failures['lastWrong']>;

/**
 * Whole seconds until a code is tested again, rounded up; `undefined` when there is no wait. One of
 * more than `secondsMax` was dated by a clock that has gone back since, and is none.
 */
export function retryAfterSeconds(
  waitUntil: number,
  now: number,
  secondsMax: number,
): number | undefined {
  const left = waitUntil - now;
  return left > 0 && left <= secondsMax * MILLIS ? Math.ceil(left / MILLIS) : undefined;
}

/**
 * The wait in seconds after `failuresInRow` failures: it begins at `waitAfterFailures`, doubles,
 * stays at most `waitSecondsMax`, and ends where the lock takes over (RFC 4226 section 7.3).
 */
export function waitSecondsAfter(failuresInRow: number, policy: Policy): number {
  if (failuresInRow < policy.waitAfterFailures) return 0;
  if (failuresInRow >= policy.lockAfterFailures) return 0;
  const doubled = policy.waitSeconds * 2 ** (failuresInRow - policy.waitAfterFailures);
  return Math.min(doubled, policy.waitSecondsMax);
}

/**
 * Whether this wrong code is the last counted one, sent again so soon that it is a client's retry.
 * A clock that went back makes no retry: such an attempt counts.
 */
export function isRepeat(failures: Failures, wrong: WrongCode, policy: Policy): boolean {
  const { lastWrong } = failures;
  if (lastWrong === undefined) return false;
  const age = wrong.at - lastWrong.at;
  if (age < 0 || age >= policy.repeatSeconds * MILLIS) return false;
  return equalText(lastWrong.hash, wrong.hash);
}

/** One wrong code more: both counts, the wait that follows, and the code's hash. */
export function countWrongCode(failures: Failures, wrong: WrongCode, policy: Policy): Failures {
  const failuresInRow = failures.failuresInRow + 1;
  const waitSeconds = waitSecondsAfter(failuresInRow, policy);
  return {
    failuresInRow,
    failuresSinceSuccess: failures.failuresSinceSuccess + 1,
    waitUntil: waitSeconds === 0 ? 0 : wrong.at + waitSeconds * MILLIS,
    lastWrong: wrong,
  };
}

/** One failed resync pair more: no wait and nothing in a row, but nearer to being disabled. */
export function countFailedPair(failures: Failures): Failures {
  return { ...failures, failuresSinceSuccess: failures.failuresSinceSuccess + 1 };
}

/**
 * After a success; the very object given where nothing was counted. The last wrong code stays: its
 * minute is about the client, not the count.
 */
export function clearFailures(failures: Failures): Failures {
  const { failuresInRow, failuresSinceSuccess, waitUntil } = failures;
  const isClear = failuresInRow === 0 && failuresSinceSuccess === 0 && waitUntil === 0;
  return isClear ? failures : { ...failures, ...NO_FAILURES };
}

/** After an unlock, or when a lock by account takes over: the row and the wait, nothing else. */
export function clearRow(failures: Failures): Failures {
  return { ...failures, failuresInRow: 0, waitUntil: 0 };
}

export const reachesLock = (failures: Failures, policy: Policy): boolean =>
  failures.failuresInRow >= policy.lockAfterFailures;

export const reachesDisable = (failures: Failures, policy: Policy): boolean =>
  failures.failuresSinceSuccess >= policy.disableAfterFailures;
