import type { UnixMillis } from '../../shared/types.ts';
import { acceptFactor } from './factor.ts';
import { countFailedPair, reachesDisable } from './failures.ts';
import { refusal, withHold, withoutHold } from './holds.ts';
import { findPair, refuseEqualCodes } from './pair.ts';
import type { Env, Subject, TwoCodes, Unseeded, Verdict } from './types.ts';

/**
 * Finds a registered token's counter or drift again from two codes. Allowed without a hold or with
 * `locked` alone, whatever the wait; a success lifts `locked` and clears every count. The budget of
 * failed pairs, once spent, answers `locked` untested until somebody unlocks the token.
 *
 * @throws FobtwinError `invalidInput`, `equalCodes`, before anything is tested or counted
 */
export function resync(subject: Subject, codes: TwoCodes, env: Env): Verdict {
  refuseEqualCodes(codes);
  const refused = resyncRefused(subject, env);
  if (refused !== undefined) return refused;
  return resyncDecided(subject, findPair(subject, codes, env), codes.now, env);
}

/** What is refused before the pair is looked for; `undefined` where it must be. */
export function resyncRefused(
  { record, life, holds }: Unseeded,
  { policy }: Env,
): Verdict | undefined {
  const refused = refusal(life, withoutHold(holds, 'locked'));
  if (refused !== undefined) return { outcome: refused, record, holds };
  if (record.failedPairs >= policy.resyncFailedPairs) return { outcome: 'locked', record, holds };
  return undefined;
}

/** What the search's finding leads to. */
export function resyncDecided(
  subject: Unseeded,
  second: number | undefined,
  now: UnixMillis,
  env: Env,
): Verdict {
  if (second === undefined) return countPair(subject, env);
  const found = acceptFactor(subject, second, { now, proof: 'pair', env });
  return { outcome: 'accepted', record: found, holds: withoutHold(subject.holds, 'locked') };
}

/** The failed pair that spends the budget, or reaches a limit, still answers `wrongCode`. */
function countPair(subject: Unseeded, { policy }: Env): Verdict {
  const failures = countFailedPair(subject.record.failures);
  const failedPairs = subject.record.failedPairs + 1;
  let { holds } = subject;
  if (failedPairs >= policy.resyncFailedPairs) holds = withHold(holds, 'locked');
  if (reachesDisable(failures, policy)) holds = withHold(holds, 'disabled');
  return { outcome: 'wrongCode', record: { ...subject.record, failures, failedPairs }, holds };
}
