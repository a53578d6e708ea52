import type { Clock } from '../shared/clock.ts';

/** A clock, and whether it has gone evenly of late. */
export interface WatchedClock extends Clock {
  /** False after a step, until it has gone evenly for `STEADY_AFTER_MILLIS`. */
  isSteady(): boolean;
}

/** More than a token's usual time step at once; a time service puts less right in small. */
export const STEP_MILLIS = 30_000;
/** Long enough for a time service to finish what it began. */
export const STEADY_AFTER_MILLIS = 5 * 60_000;

/**
 * Watches a computer's clock for steps: somebody has set it, or a time service has. What tokens
 * show at such a time says nothing of their crystals, so nothing is learnt from them.
 */
export function watchClock(clock: Clock): WatchedClock {
  const elapsedMillis = clock.elapsedMillis?.bind(clock);
  if (elapsedMillis === undefined) return { now: () => clock.now(), isSteady: () => true };
  let at: number = clock.now();
  let elapsed = elapsedMillis();
  let steppedAt = Number.NEGATIVE_INFINITY;
  const look = () => {
    const now = clock.now();
    const elapsedNow = elapsedMillis();
    const jump = now - at - (elapsedNow - elapsed);
    if (Math.abs(jump) > STEP_MILLIS) steppedAt = elapsedNow;
    at = now;
    elapsed = elapsedNow;
    return now;
  };
  return {
    now: look,
    isSteady() {
      look();
      return elapsed - steppedAt >= STEADY_AFTER_MILLIS;
    },
  };
}
