import type { Otp } from '../../shared/otp.ts';
import type { Policy } from '../verification/policy.ts';
import type { Env, Subject } from '../verification/types.ts';

/**
 * Equal effort. How many codes a scan makes depends on the token (its type, how long it lay idle)
 * and would tell an unknown serial from a known one. So whatever was tested and not accepted makes
 * further codes until it has made as many as the dearest token's scan does.
 *
 * What is refused untested by design (`throttled`, `locked`) makes none, and a shadow's no more.
 */

/** Codes made for one wrong code. */
export const codeEffort = (policy: Policy): number =>
  Math.max(policy.lookAhead + policy.replayedCounters, 2 * policy.windowStepsMax + 1);

/** Codes made for one wrong pair. */
export const pairEffort = (policy: Policy): number =>
  Math.max(policy.resyncCounters, 2 * policy.resyncSteps + 1);

/** Runs `test` and makes up what a refusal lacks of `effort` codes. */
export function withEqualEffort<V extends { readonly outcome: string }>(
  subject: Subject,
  env: Env,
  effort: number,
  test: (env: Env) => V,
): V {
  let made = 0;
  const counting: Otp = {
    code(seed, movingFactor, parameters) {
      made += 1;
      return env.otp.code(seed, movingFactor, parameters);
    },
  };
  const verdict = test({ ...env, otp: counting });
  if (made === 0 || verdict.outcome === 'accepted') return verdict;
  while (made < effort) counting.code(subject.seed, made, subject.parameters);
  return verdict;
}
