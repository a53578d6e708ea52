import { followerEffort } from '../verification/next-code.ts';
import type { Policy } from '../verification/policy.ts';
import { SLICE_CODES } from '../verification/search.ts';
import type { Env, Search, Subject } from '../verification/types.ts';

/**
 * Equal effort. How many codes a scan makes depends on the token (its type, how long it lay idle)
 * and would tell an unknown serial from a known one. So whatever was tested and not accepted makes
 * further codes until it has made as many as the dearest token's scan does.
 *
 * What is refused untested by design (`throttled`, `locked`) makes none, and a shadow's no more.
 */

/** Codes made for one wrong code, the resync window apart. */
export const codeEffort = (policy: Policy): number =>
  followerEffort(policy) +
  Math.max(policy.lookAhead + policy.replayedCounters, 2 * policy.windowStepsMax + 1);

/**
 * Records that whatever was not accepted reads as if none of them were in memory, or there: all
 * four of a serial; of an account its own four, and two each of two tokens, which few have more of.
 */
export const EVEN_RECORDS = 8;

/** Codes made for one search of the resync window that found nothing. */
export const pairEffort = (policy: Policy): number =>
  Math.max(policy.resyncCounters, 2 * policy.resyncSteps + 1);

/** An environment that counts the codes it makes. */
interface Counting {
  readonly env: Env;
  made: number;
}

function counting(env: Env): Counting {
  const { otp } = env;
  const count: Counting = {
    made: 0,
    env: {
      ...env,
      otp: {
        code(seed, movingFactor, parameters) {
          count.made += 1;
          return otp.code(seed, movingFactor, parameters);
        },
        number(seed, movingFactor, parameters) {
          count.made += 1;
          return otp.number(seed, movingFactor, parameters);
        },
      },
    },
  };
  return count;
}

/** One for each environment: a test is over before the next begins. */
const countings = new WeakMap<Env, Counting>();

function countingAnew(env: Env): Counting {
  const known = countings.get(env);
  const count = known ?? counting(env);
  if (known === undefined) countings.set(env, count);
  count.made = 0;
  return count;
}

/** Runs `test` and makes up what a refusal, or a need for more, lacks of `effort` codes. */
export function withEqualEffort<V extends { readonly outcome: string } | undefined>(
  { seed, parameters }: Subject,
  env: Env,
  effort: number,
  test: (env: Env) => V,
): V {
  const count = countingAnew(env);
  const verdict = test(count.env);
  if (count.made === 0 || verdict?.outcome === 'accepted') return verdict;
  while (count.made < effort) count.env.otp.number(seed, count.made, parameters);
  return verdict;
}

/** A kind of search of the resync window. */
export interface SearchKind<Found> {
  /** The search itself, and whether it found anything. */
  begin(subject: Subject, env: Env): Search<Found>;
  isHit(found: Found): boolean;
}

/** The same of a search, which makes its further codes in slices too. */
export function* withFullEffort<Found>(
  subject: Subject,
  env: Env,
  effort: number,
  { begin, isHit }: SearchKind<Found>,
): Search<Found> {
  const count = counting(env);
  const found = yield* begin(subject, count.env);
  if (isHit(found)) return found;
  while (count.made < effort) {
    count.env.otp.number(subject.seed, count.made, subject.parameters);
    if (count.made % SLICE_CODES === 0) yield;
  }
  return found;
}
