import type { Code, UnixMillis } from '../../shared/types.ts';
import { equalNumber, numberOf } from './equal.ts';
import { typedFactor } from './factor.ts';
import type { Policy } from './policy.ts';
import type { Env, EventFactor, Subject, TimeFactor } from './types.ts';
import { type Window, windowAt } from './window.ts';

/** The moving factor that a code matched, or why there is none. */
export type Finding = number | 'replayed' | 'nothing';

/**
 * Looks for one code where the policy allows one. A hit ends the scan (the reply tells of it
 * anyway); a miss and a decoy cost the whole of it.
 */
export function scanCode(subject: Subject, code: Code, now: UnixMillis, env: Env): Finding {
  const typed = typedFactor(subject);
  const matches = matcher(subject, code, env);
  if (typed.type === 'event') return scanCounters(typed.factor, matches, env.policy);
  const window = windowAt(typed.factor, typed.parameters, now, env.policy);
  return scanSteps(typed.factor, window, matches);
}

/** Whether a moving factor's code is the one given. */
type Matches = (movingFactor: number) => boolean;

/** A decoy makes the code and compares it as a token does, and then never matches. */
function matcher({ seed, parameters, decoy }: Subject, code: Code, { otp }: Env): Matches {
  const wanted = numberOf(code, parameters.digits);
  return (movingFactor) => {
    const isEqual = equalNumber(otp.number(seed, movingFactor, parameters), wanted);
    return isEqual && decoy !== true;
  };
}

/** Counters ahead, the lowest first; then the last accepted ones, to tell a replay. */
function scanCounters(
  { nextCounter }: EventFactor,
  matches: Matches,
  { lookAhead, replayedCounters }: Policy,
): Finding {
  const end = Math.min(nextCounter + lookAhead - 1, Number.MAX_SAFE_INTEGER);
  for (let counter = nextCounter; counter <= end; counter += 1) {
    if (matches(counter)) return counter;
  }
  const oldest = Math.max(0, nextCounter - replayedCounters);
  let replayed = false;
  for (let counter = nextCounter - 1; counter >= oldest; counter -= 1) {
    if (matches(counter)) replayed = true;
  }
  return replayed ? 'replayed' : 'nothing';
}

/** Steps later than the last accepted, nearest first, the earlier first of two equally near. */
function scanSteps(
  { lastStep }: TimeFactor,
  { from, to, prediction }: Window,
  matches: Matches,
): Finding {
  const oldest = Math.max(0, from, lastStep + 1);
  const acceptable = (step: number): boolean => step >= oldest && step <= to && matches(step);
  const reach = Math.max(prediction - from, to - prediction);
  if (acceptable(prediction)) return prediction;
  for (let distance = 1; distance <= reach; distance += 1) {
    if (acceptable(prediction - distance)) return prediction - distance;
    if (acceptable(prediction + distance)) return prediction + distance;
  }
  const newestPassed = Math.min(lastStep, to);
  let replayed = false;
  for (let step = Math.max(0, from); step <= newestPassed; step += 1) {
    if (matches(step)) replayed = true;
  }
  return replayed ? 'replayed' : 'nothing';
}
