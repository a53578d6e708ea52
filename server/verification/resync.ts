import { acceptFactor } from './factor.ts';
import { countFailedPair, reachesDisable } from './failures.ts';
import { refusal, withHold, withoutHold } from './holds.ts';
import { findPair, refuseEqualCodes } from './pair.ts';
import type { Env, Subject, TwoCodes, Verdict } from './types.ts';

/**
 * Finds a registered token's counter or drift again from two codes. Allowed without a hold or with
 * `locked` alone, whatever the wait; a success lifts `locked` and clears every count. The budget of
 * failed pairs, once spent, answers `locked` untested until somebody unlocks the token.
 *
 * @throws FobtwinError `invalidInput`, `equalCodes`, before anything is tested or counted
 */
export function resync(subject: Subject, codes: TwoCodes, env: Env): Verdict {
  refuseEqualCodes(codes);
  const { record, life, holds } = subject;
  const otherHolds = withoutHold(holds, 'locked');
  const refused = refusal(life, otherHolds);
  if (refused !== undefined) return { outcome: refused, record, holds };
  if (record.failedPairs >= env.policy.resyncFailedPairs) {
    return { outcome: 'locked', record, holds };
  }
  const second = findPair(subject, codes, env);
  if (second === undefined) return countPair(subject, env);
  const found = acceptFactor(subject, second, { now: codes.now, proof: 'pair', env });
  return { outcome: 'accepted', record: found, holds: otherHolds };
}

/** The failed pair that spends the budget, or reaches a limit, still answers `wrongCode`. */
function countPair(subject: Subject, { policy }: Env): Verdict {
  const failures = countFailedPair(subject.record.failures);
  const failedPairs = subject.record.failedPairs + 1;
  let { holds } = subject;
  if (failedPairs >= policy.resyncFailedPairs) holds = withHold(holds, 'locked');
  if (reachesDisable(failures, policy)) holds = withHold(holds, 'disabled');
  return { outcome: 'wrongCode', record: { ...subject.record, failures, failedPairs }, holds };
}
