import type { UnixMillis } from '../../shared/types.ts';

/** How long what could not be delivered waits, and when it is given up. */

const MINUTE_MILLIS = 60_000;
/** No wait is longer. */
export const WAIT_MILLIS_MAX = 60 * MINUTE_MILLIS;
/** What the waits come to at most: three days of trying. */
const TRIED_MILLIS_MAX = 72 * 60 * MINUTE_MILLIS;

/**
 * A minute after the first failure, doubling to an hour; `undefined` after the last one, when it
 * has been tried for three days.
 *
 * @param attempts those that have failed, at least 1
 */
export function waitMillisAfter(attempts: number): number | undefined {
  let total = 0;
  let wait = MINUTE_MILLIS;
  for (let attempt = 1; attempt < attempts && total < TRIED_MILLIS_MAX; attempt += 1) {
    total += wait;
    wait = Math.min(2 * wait, WAIT_MILLIS_MAX);
  }
  return total >= TRIED_MILLIS_MAX ? undefined : wait;
}

/** Nothing waits for over an hour: what seems to was written before the clock was set back. */
export const isDueAt = (nextAttemptAt: UnixMillis, now: UnixMillis): boolean =>
  nextAttemptAt <= now || nextAttemptAt - now > WAIT_MILLIS_MAX;
