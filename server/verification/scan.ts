import type { Code, UnixMillis } from '../../shared/types.ts';
import { equalText } from './equal.ts';
import { typedFactor } from './factor.ts';
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
  if (typed.type === 'event') return scanCounters(subject, typed.factor, code, env);
  const window = windowAt(typed.factor, typed.parameters, now, env.policy);
  return scanSteps(subject, typed.factor, code, window, env);
}

/** A decoy makes the code and compares it as a token does, and then never matches. */
function matches(subject: Subject, movingFactor: number, code: Code, { otp }: Env): boolean {
  const good = otp.code(subject.seed, movingFactor, subject.parameters);
  return equalText(good, code) && subject.decoy !== true;
}

/** Counters ahead, the lowest first; then the last accepted ones, to tell a replay. */
function scanCounters(subject: Subject, factor: EventFactor, code: Code, env: Env): Finding {
  const { nextCounter } = factor;
  const { lookAhead, replayedCounters } = env.policy;
  const end = Math.min(nextCounter + lookAhead - 1, Number.MAX_SAFE_INTEGER);
  for (let counter = nextCounter; counter <= end; counter += 1) {
    if (matches(subject, counter, code, env)) return counter;
  }
  const oldest = Math.max(0, nextCounter - replayedCounters);
  let replayed = false;
  for (let counter = nextCounter - 1; counter >= oldest; counter -= 1) {
    if (matches(subject, counter, code, env)) replayed = true;
  }
  return replayed ? 'replayed' : 'nothing';
}

/** Steps later than the last accepted, nearest first, the earlier first of two equally near. */
function scanSteps(
  subject: Subject,
  { lastStep }: TimeFactor,
  code: Code,
  { from, to, prediction }: Window,
  env: Env,
): Finding {
  const oldest = Math.max(0, from, lastStep + 1);
  const acceptable = (step: number): boolean =>
    step >= oldest && step <= to && matches(subject, step, code, env);
  const reach = Math.max(prediction - from, to - prediction);
  if (acceptable(prediction)) return prediction;
  for (let distance = 1; distance <= reach; distance += 1) {
    if (acceptable(prediction - distance)) return prediction - distance;
    if (acceptable(prediction + distance)) return prediction + distance;
  }
  const newestPassed = Math.min(lastStep, to);
  let replayed = false;
  for (let step = Math.max(0, from); step <= newestPassed; step += 1) {
    if (matches(subject, step, code, env)) replayed = true;
  }
  return replayed ? 'replayed' : 'nothing';
}
