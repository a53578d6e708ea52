import {
  beginClock,
  learnFromCode,
  learnFromPair,
  type NaiveClock,
  stepsAt,
} from './naive-clock.ts';

/**
 * The searches of the naive model (`naive.ts`): what one token shows, where a code or a pair is
 * looked for, and what a success or a failure does to the counts. Lists, loops and sorting only.
 */

export interface Numbers {
  readonly lookAhead: number;
  readonly replayedCounters: number;
  readonly resyncCounters: number;
  readonly windowStepsMax: number;
  readonly windowDeviations: number;
  readonly resyncSteps: number;
  readonly pairStepsMax: number;
  readonly nextCodeSeconds: number;
  readonly waitAfterFailures: number;
  readonly waitSeconds: number;
  readonly waitSecondsMax: number;
  readonly lockAfterFailures: number;
  readonly disableAfterFailures: number;
  readonly repeatSeconds: number;
  readonly resyncFailedPairs: number;
  readonly registrationFailedPairsPerAccountDay: number;
  readonly registrationFailedPairsPerSerial: number;
}

/** What counts failures: a token by serial, an account by account. */
export interface Counts {
  inRow: number;
  sinceSuccess: number;
  waitUntil: number;
  lastWrong: { code: string; at: number } | null;
}

export interface NaiveToken extends Counts {
  readonly serial: string;
  /** Seconds a step; null for an event token. */
  readonly stepSeconds: number | null;
  /** Whose Mobile ID it is; null for a hardware token. */
  readonly madeFor: string | null;
  /** The last accepted counter or step. */
  last: number;
  clock: NaiveClock | null;
  lastAcceptedAt: number | null;
  life: 'stocked' | 'registered' | 'revoked';
  holds: Set<string>;
  failedPairs: number;
  account: string | null;
  /** Next-code mode: the code whose follower completes a pair, by whom, and what it may be. */
  awaited: { code: string; by: string; at: number; factors: number[] } | null;
}

/** What the searches need to know: the policy's numbers, every code there is, and the time. */
export interface World {
  readonly now: number;
  readonly policy: Numbers;
  codeOf(serial: string, movingFactor: number): string;
}

export const DAY = 24 * 60 * 60 * 1000;

/** The counter or step that the token is expected to show next. */
export function prediction(token: NaiveToken, { now, policy }: World): number {
  const { stepSeconds } = token;
  if (stepSeconds === null) return token.last + 1;
  return stepsAt(token.clock, { stepSeconds, now }, policy).middle;
}

function shows(token: NaiveToken, movingFactor: number, code: string, world: World): boolean {
  return movingFactor >= 0 && world.codeOf(token.serial, movingFactor) === code;
}

/** The steps of the acceptance window; the look-ahead's counters. */
function windowOf(token: NaiveToken, world: World): number[] {
  const { now, policy } = world;
  const { stepSeconds } = token;
  const next = token.last + 1;
  if (stepSeconds === null) return Array.from({ length: policy.lookAhead }, (_, n) => next + n);
  const { steps } = stepsAt(token.clock, { stepSeconds, now }, policy);
  return steps.filter((step) => step <= furthestStep(stepSeconds, world));
}

/** "No clock is followed further than the resync window ahead of the server's." */
const furthestStep = (stepSeconds: number, { now, policy }: World): number =>
  Math.floor(now / 1000 / stepSeconds) + policy.resyncSteps;

/** "the nearest to the prediction that is later than the last accepted", "the earlier first". */
export function match(token: NaiveToken, code: string, world: World): number | null {
  const middle = prediction(token, world);
  let best: number | null = null;
  for (const candidate of windowOf(token, world)) {
    if (candidate <= token.last || !shows(token, candidate, code, world)) continue;
    if (best === null || Math.abs(candidate - middle) < Math.abs(best - middle)) best = candidate;
  }
  return best;
}

export function isReplay(token: NaiveToken, code: string, world: World): boolean {
  if (token.stepSeconds !== null) {
    // "or an already passed step within the window"
    return windowOf(token, world).some((n) => n <= token.last && shows(token, n, code, world));
  }
  // "the last accepted counter or one of the nine before"
  for (let before = 0; before < world.policy.replayedCounters; before += 1) {
    if (shows(token, token.last - before, code, world)) return true;
  }
  return false;
}

/** Where two codes are looked for: "within 1,000", "within +-300 steps". */
function resyncWindow(token: NaiveToken, world: World): { first: number; last: number } {
  const middle = prediction(token, world);
  const { resyncCounters, resyncSteps } = world.policy;
  if (token.stepSeconds === null) return { first: middle, last: middle + resyncCounters - 1 };
  const last = Math.min(middle + resyncSteps, furthestStep(token.stepSeconds, world));
  return { first: middle - resyncSteps, last };
}

/** "of several pairs the nearest to the prediction". */
function nearestFirst(factors: number[], token: NaiveToken, world: World): number[] {
  const middle = prediction(token, world);
  const distance = (n: number) => Math.abs(n - middle);
  return factors.sort((a, b) => distance(a) - distance(b) || a - b);
}

/** Every place in the resync window where the token shows the code. */
export function placesOf(token: NaiveToken, code: string, world: World): number[] {
  const { first, last } = resyncWindow(token, world);
  const places: number[] = [];
  for (let one = first; one <= last; one += 1) {
    if (one > token.last && shows(token, one, code, world)) places.push(one);
  }
  return nearestFirst(places, token, world);
}

/** Every place where the code follows one of `ones`. */
function following(ones: number[], token: NaiveToken, code: string, world: World): number[] {
  const { first, last } = resyncWindow(token, world);
  const apart = token.stepSeconds === null ? 1 : world.policy.pairStepsMax;
  const seconds: number[] = [];
  for (const one of ones) {
    if (one < first || one <= token.last) continue;
    for (let two = one + 1; two <= one + apart && two <= last; two += 1) {
      if (shows(token, two, code, world)) seconds.push(two);
    }
  }
  return nearestFirst(seconds, token, world);
}

/** The second code's counter or step, of the pair whose second is nearest to the prediction. */
export function pair(token: NaiveToken, code1: string, code2: string, world: World): number | null {
  return following(placesOf(token, code1, world), token, code2, world)[0] ?? null;
}

/** "The following code then completes the resync, within a time limit." */
export function completed(token: NaiveToken, code: string, world: World): number | null {
  if (!isAwaiting(token, world)) return null;
  return following(token.awaited?.factors ?? [], token, code, world)[0] ?? null;
}

export function isAwaiting({ awaited }: NaiveToken, { now, policy }: World): boolean {
  const seconds = awaited === null ? -1 : (now - awaited.at) / 1000;
  return seconds >= 0 && seconds < policy.nextCodeSeconds;
}

export function accept(
  token: NaiveToken,
  movingFactor: number,
  { now }: World,
  by: 'code' | 'pair',
): void {
  const { stepSeconds, clock } = token;
  token.last = movingFactor;
  if (stepSeconds !== null) {
    const learn = by === 'pair' ? learnFromPair : learnFromCode;
    token.clock =
      clock === null
        ? beginClock(movingFactor, stepSeconds, now)
        : learn(clock, movingFactor, stepSeconds, now);
  }
  token.lastAcceptedAt = now;
  token.failedPairs = 0;
  token.awaited = null;
  clear(token);
}

export function clear(counts: Counts): void {
  counts.inRow = 0;
  counts.sinceSuccess = 0;
  counts.waitUntil = 0;
}

/** "The last wrong code, repeated within 60 s of its counted attempt, is … not counted". */
export function isRepeated({ lastWrong }: Counts, code: string, { now, policy }: World): boolean {
  if (lastWrong === null || lastWrong.code !== code) return false;
  const seconds = (now - lastWrong.at) / 1000;
  return seconds >= 0 && seconds < policy.repeatSeconds;
}

export function countWrongCode(counts: Counts, code: string, { now, policy }: World): void {
  const { waitAfterFailures, waitSeconds, waitSecondsMax, lockAfterFailures } = policy;
  counts.inRow += 1;
  counts.sinceSuccess += 1;
  counts.lastWrong = { code, at: now };
  // "After 3 to 9 failures the wait is 5 x 2^(n-3) s, at most 300 s."
  const n = counts.inRow;
  let seconds = n >= waitAfterFailures && n < lockAfterFailures ? waitSeconds : 0;
  for (let doubled = waitAfterFailures; doubled < n; doubled += 1) seconds *= 2;
  seconds = Math.min(seconds, waitSecondsMax);
  counts.waitUntil = seconds > 0 ? now + seconds * 1000 : 0;
}
