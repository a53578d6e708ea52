import { acceptFactor, type Proof } from './factor.ts';
import {
  countWrongCode,
  isRepeat,
  reachesDisable,
  reachesLock,
  retryAfterSeconds,
  type WrongCode,
} from './failures.ts';
import { refusal, withHold } from './holds.ts';
import {
  awaitNextCode,
  findCode,
  followerOf,
  isAwaited,
  seeksNextCode,
  withoutNextCode,
} from './next-code.ts';
import { scanCode } from './scan.ts';
import type { Attempt, Env, Subject, Verdict } from './types.ts';

/**
 * Whether a code is good, by serial. In this order: what refuses the token, its wait, the scan, the
 * sixty-second rule, in next-code mode the resync window, the count and what it leads to. `record`
 * and `holds` are the very objects of the subject where nothing changed.
 */
export function verify(subject: Subject, attempt: Attempt, env: Env): Verdict {
  const verdict = judgeCode(subject, attempt, env);
  if (verdict !== undefined) return verdict;
  return judgeFound(subject, attempt, findCode(subject, attempt, env), env);
}

/** As far as it goes without the resync window; `undefined` where that must be searched. */
export function judgeCode(subject: Subject, attempt: Attempt, env: Env): Verdict | undefined {
  const { record, life, holds } = subject;
  const refused = refusal(life, holds);
  if (refused !== undefined) return { outcome: refused, record, holds };
  const wait = retryAfterSeconds(record.failures.waitUntil, attempt.now, env.policy.waitSecondsMax);
  if (wait !== undefined) return { outcome: 'throttled', record, holds, retryAfterSeconds: wait };
  const match = matchOf(subject, attempt, env);
  if (match === 'replayed') return { outcome: 'replayed', record, holds };
  if (match !== undefined) return acceptMatch(subject, match, attempt, env);
  const wrong = wrongOf(attempt);
  if (isRepeat(record.failures, wrong, env.policy)) {
    const outcome = isAwaited(record, wrong, env.policy) ? 'nextCodeRequired' : 'wrongCode';
    return { outcome, record, holds };
  }
  return seeksNextCode(record, env.policy) ? undefined : countOnToken(subject, wrong, [], env);
}

/** The rest, where `judgeCode` left off, with what the resync window held. */
export const judgeFound = (
  subject: Subject,
  attempt: Attempt,
  found: readonly number[],
  env: Env,
): Verdict => countOnToken(subject, wrongOf(attempt), found, env);

export const wrongOf = ({ codeHash, now }: Attempt): WrongCode => ({ hash: codeHash(), at: now });

/** A moving factor that a code proves, by itself or as the follower of the code before it. */
export interface Match {
  readonly movingFactor: number;
  readonly proof: Proof;
}

/** What a code is good for, by serial and by account alike. A follower goes before a replay. */
export function matchOf(
  subject: Subject,
  { code, now }: Attempt,
  env: Env,
): Match | 'replayed' | undefined {
  const finding = scanCode(subject, code, now, env);
  if (typeof finding === 'number') return { movingFactor: finding, proof: 'code' };
  const follower = followerOf(subject, code, now, env);
  if (follower !== undefined) return { movingFactor: follower, proof: 'pair' };
  return finding === 'replayed' ? 'replayed' : undefined;
}

/** What a success leaves behind, by serial and by account alike. */
export function acceptMatch(
  subject: Subject,
  { movingFactor, proof }: Match,
  { now }: Attempt,
  env: Env,
): Verdict {
  const record = acceptFactor(subject, movingFactor, { now, proof, env });
  return { outcome: 'accepted', record, holds: subject.holds };
}

/**
 * The failure that reaches a limit still answers `wrongCode`; the hold speaks from the next on. One
 * that the resync window holds opens the wait for its follower; any other ends such a wait.
 */
function countOnToken(
  subject: Subject,
  wrong: WrongCode,
  found: readonly number[],
  { policy }: Env,
): Verdict {
  const failures = countWrongCode(subject.record.failures, wrong, policy);
  const locks = reachesLock(failures, policy);
  const disables = reachesDisable(failures, policy);
  let { holds } = subject;
  if (locks) holds = withHold(holds, 'locked');
  if (disables) holds = withHold(holds, 'disabled');
  const counted = { ...withoutNextCode(subject.record), failures };
  if (found.length === 0 || locks || disables) {
    return { outcome: 'wrongCode', record: counted, holds };
  }
  return { outcome: 'nextCodeRequired', record: awaitNextCode(counted, wrong, found), holds };
}
