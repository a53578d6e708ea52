import type { Otp } from '../../shared/otp.ts';
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

/** Codes made for one search of the resync window that found nothing. */
export const pairEffort = (policy: Policy): number =>
  Math.max(policy.resyncCounters, 2 * policy.resyncSteps + 1);

/** An Otp that counts the codes it makes. */
function counting({ otp }: Env): { readonly otp: Otp; made(): number } {
  let made = 0;
  return {
    made: () => made,
    otp: {
      code(...given) {
        made += 1;
        return otp.code(...given);
      },
      number(...given) {
        made += 1;
        return otp.number(...given);
      },
    },
  };
}

/** Runs `test` and makes up what a refusal, or a need for more, lacks of `effort` codes. */
export function withEqualEffort<V extends { readonly outcome: string } | undefined>(
  { seed, parameters }: Subject,
  env: Env,
  effort: number,
  test: (env: Env) => V,
): V {
  const { otp, made } = counting(env);
  const verdict = test({ ...env, otp });
  if (made() === 0 || verdict?.outcome === 'accepted') return verdict;
  while (made() < effort) otp.number(seed, made(), parameters);
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
  const { otp, made } = counting(env);
  const found = yield* begin(subject, { ...env, otp });
  if (isHit(found)) return found;
  while (made() < effort) {
    otp.number(subject.seed, made(), subject.parameters);
    if (made() % SLICE_CODES === 0) yield;
  }
  return found;
}
