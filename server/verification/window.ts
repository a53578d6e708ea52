import type { TimeParameters, UnixMillis } from '../../shared/types.ts';
import { predicted, TYPING_SECONDS } from './drift.ts';
import type { Policy } from './policy.ts';
import type { TimeFactor } from './types.ts';

/** Steps that a code may be of; both ends included. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** The likeliest of them. */
  readonly prediction: number;
}

/** A code typed late by so long, or early by a clock's error, is still in the window. Seconds. */
const LATE_SECONDS = 30;
const EARLY_SECONDS = 7;

/**
 * The acceptance window at `now`: what the token's clock may show by what has been learnt of it, in
 * so many deviations, at least the step before, and at most `windowStepsMax` each way. No clock is
 * followed further than `resyncSteps` ahead of the server's: so what may have been accepted by now
 * is bounded, which a restore rests on.
 */
export function windowAt(
  { drift }: TimeFactor,
  { stepSeconds }: TimeParameters,
  now: UnixMillis,
  { windowStepsMax, windowDeviations, resyncSteps }: Policy,
): Window {
  const stepOf = (seconds: number): number => Math.floor(seconds / stepSeconds);
  if (drift === undefined) {
    const prediction = stepOf(now / 1000);
    return { from: prediction - 1, to: prediction + 1, prediction };
  }
  const { offsetSeconds, offsetVariance } = predicted(drift, now);
  const shownAt = now / 1000 + offsetSeconds - TYPING_SECONDS;
  const prediction = stepOf(shownAt);
  const spread = windowDeviations * Math.sqrt(offsetVariance);
  return {
    from: Math.max(prediction - windowStepsMax, stepOf(shownAt - Math.hypot(spread, LATE_SECONDS))),
    to: Math.min(
      prediction + windowStepsMax,
      stepOf(shownAt + Math.hypot(spread, EARLY_SECONDS)),
      stepOf(now / 1000) + resyncSteps,
    ),
    prediction,
  };
}
