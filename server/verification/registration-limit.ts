import type { UnixMillis } from '../../shared/types.ts';
import { retryAfterSeconds } from './failures.ts';
import type { Policy } from './policy.ts';

/** A day is rolling 24 hours, whatever the calendar says. */
const DAY_MILLIS = 86_400_000;

/** What lies further ahead than a day was dated by a clock that has gone back since. */
const sinceYesterday = (list: readonly UnixMillis[], now: UnixMillis): readonly UnixMillis[] =>
  list.filter((at) => Math.abs(now - at) < DAY_MILLIS);

/**
 * Whole seconds, rounded up, until an account may try to register again; `undefined` when it may
 * now. Whoever is told to wait is refused untested, and that is not counted.
 *
 * @param failedRegistrations when pairs failed, oldest first
 */
export function registrationRetryAfterSeconds(
  failedRegistrations: readonly UnixMillis[],
  now: UnixMillis,
  policy: Policy,
): number | undefined {
  const recent = sinceYesterday(failedRegistrations, now);
  const oldestCounted = recent.at(-policy.registrationFailedPairsPerAccountDay);
  if (oldestCounted === undefined) return undefined;
  return retryAfterSeconds(oldestCounted + DAY_MILLIS, now, (2 * DAY_MILLIS) / 1000);
}

/** The list with one failed pair more: oldest first, never more than the limit needs. */
export function addFailedRegistration(
  list: readonly UnixMillis[],
  now: UnixMillis,
  policy: Policy,
): readonly UnixMillis[] {
  // Sorted, since a clock may have gone back between two failures.
  return [...sinceYesterday(list, now), now]
    .sort((a, b) => a - b)
    .slice(-policy.registrationFailedPairsPerAccountDay);
}
