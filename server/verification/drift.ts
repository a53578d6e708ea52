import type { TimeParameters, UnixMillis } from '../../shared/types.ts';
import type { DriftEstimate } from './types.ts';

/**
 * What the server learns of a token's clock: a filter of two states, its offset and its rate, each
 * with the uncertainty that a crystal earns while nobody looks (a Kalman filter; the figures were
 * fitted to 10,000 simulated tokens over five years, see PREDICTION.md). Seconds and days: 1 ppm is
 * 0.0864 s a day. A step says when the code was made to within a step, so most of the noise is the
 * step's own length; the rest is how long people take to type.
 *
 * The estimate only says where to look. What was accepted is kept apart, as whole steps.
 */

const DAY_MILLIS = 86_400_000;

/** Mean and variance of the time from reading a code to its arrival: s, s2. */
export const TYPING_SECONDS = 7.6;
const TYPING_VARIANCE = 40;

/** Of a token straight from the factory: the curve over temperature slows crystals on the mean. */
const RATE_AT_START = -0.13;
/** (0.52 s a day)2, which is 6 ppm: trimmed to 3 ppm, and the climate. */
const RATE_VARIANCE_AT_START = 0.269;
/** Temperature and habit: s2 a day, and (s a day)2 a day (0.03 ppm2 a day). */
const OFFSET_NOISE = 3;
const RATE_NOISE = 2.24e-4;

/** Learning twice within so long would take one habit for two. */
const LEARN_EVERY_MILLIS = 4 * 3_600_000;
/** An arrival further off than so many deviations counts as being so far off. */
const CLAMP_DEVIATIONS = 3;

/** 35 ppm: no crystal that left a factory goes so wrong. */
const RATE_MAX = 3.02;
/** What logins alone can move the offset, however often somebody logs in: s, and s a day. */
const FENCE_SECONDS = 45;
const FENCE_SECONDS_PER_DAY = 3;
/** After a resync the fence is as wide as if it had been set so long before. */
const FENCE_HEAD_START_MILLIS = 30 * DAY_MILLIS;

/** The first estimate, from the step of the pair that registered the token. */
export function firstEstimate(
  step: number,
  parameters: TimeParameters,
  now: UnixMillis,
): DriftEstimate {
  const offsetSeconds = arrivalOffset(step, parameters, now);
  return {
    offsetSeconds,
    secondsPerDay: RATE_AT_START,
    offsetVariance: noise(parameters),
    covariance: 0,
    rateVariance: RATE_VARIANCE_AT_START,
    at: now,
    anchorSeconds: offsetSeconds,
    anchorAt: now,
  };
}

/** The estimate at `now`: never surer than it was. A clock gone back changes nothing. */
export function predicted(estimate: DriftEstimate, now: UnixMillis): DriftEstimate {
  const days = (now - estimate.at) / DAY_MILLIS;
  if (days <= 0) return estimate;
  const { offsetSeconds, secondsPerDay, offsetVariance, covariance, rateVariance } = estimate;
  return {
    ...estimate,
    offsetSeconds: offsetSeconds + secondsPerDay * days,
    offsetVariance:
      offsetVariance +
      2 * days * covariance +
      days * days * rateVariance +
      OFFSET_NOISE * days +
      (RATE_NOISE * days ** 3) / 3,
    covariance: covariance + days * rateVariance + (RATE_NOISE * days * days) / 2,
    rateVariance: rateVariance + RATE_NOISE * days,
    at: now,
  };
}

/**
 * The estimate after `step` was accepted at `now` by a single code. It moves no further than a
 * crystal could have, and its fence holds against whoever logs in at leisure to move it.
 */
export function learnt(
  estimate: DriftEstimate,
  step: number,
  parameters: TimeParameters,
  now: UnixMillis,
): DriftEstimate {
  if (now - estimate.at < LEARN_EVERY_MILLIS) return estimate;
  const prior = predicted(estimate, now);
  const reach = CLAMP_DEVIATIONS * Math.sqrt(prior.offsetVariance + noise(parameters));
  const error = arrivalOffset(step, parameters, now) - prior.offsetSeconds;
  return fenced(updated(prior, clamp(error, reach), parameters));
}

/**
 * The estimate after a resync at `now`: two codes are proof, so nothing is clamped, what was
 * believed yields, and the fence is set anew.
 */
export function relearnt(
  estimate: DriftEstimate,
  step: number,
  parameters: TimeParameters,
  now: UnixMillis,
): DriftEstimate {
  const prior = predicted(estimate, now);
  const error = arrivalOffset(step, parameters, now) - prior.offsetSeconds;
  const isAstray = error * error > 9 * (prior.offsetVariance + noise(parameters));
  const doubted = isAstray
    ? {
        ...prior,
        offsetVariance: error * error,
        covariance: 0,
        rateVariance: Math.max(prior.rateVariance, RATE_VARIANCE_AT_START),
      }
    : prior;
  const found = updated(doubted, error, parameters);
  return {
    ...found,
    secondsPerDay: clamp(found.secondsPerDay, RATE_MAX),
    at: now,
    anchorSeconds: found.offsetSeconds,
    anchorAt: (now - FENCE_HEAD_START_MILLIS) as UnixMillis,
  };
}

/** What an accepted step says of the offset: the code was made in its middle, and then typed. */
function arrivalOffset(step: number, { stepSeconds }: TimeParameters, now: UnixMillis): number {
  return stepSeconds * step + stepSeconds / 2 - now / 1000 + TYPING_SECONDS;
}

/** Variance of what one arrival says: a whole step seen uniformly, and the typing. s2. */
const noise = ({ stepSeconds }: TimeParameters): number =>
  (stepSeconds * stepSeconds) / 12 + TYPING_VARIANCE;

/** The filter's update by an error in seconds. */
function updated(prior: DriftEstimate, error: number, parameters: TimeParameters): DriftEstimate {
  const { offsetVariance, covariance, rateVariance } = prior;
  const total = offsetVariance + noise(parameters);
  const offsetGain = offsetVariance / total;
  const rateGain = covariance / total;
  return {
    ...prior,
    offsetSeconds: prior.offsetSeconds + offsetGain * error,
    secondsPerDay: prior.secondsPerDay + rateGain * error,
    offsetVariance: offsetVariance - offsetGain * offsetVariance,
    covariance: covariance - offsetGain * covariance,
    rateVariance: rateVariance - rateGain * covariance,
  };
}

function fenced(estimate: DriftEstimate): DriftEstimate {
  const { anchorSeconds, anchorAt, at } = estimate;
  const days = Math.max(0, at - anchorAt) / DAY_MILLIS;
  const reach = FENCE_SECONDS + FENCE_SECONDS_PER_DAY * days;
  return {
    ...estimate,
    offsetSeconds: anchorSeconds + clamp(estimate.offsetSeconds - anchorSeconds, reach),
    secondsPerDay: clamp(estimate.secondsPerDay, RATE_MAX),
  };
}

const clamp = (value: number, reach: number): number => Math.min(reach, Math.max(-reach, value));
