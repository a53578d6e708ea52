import type { UnixMillis } from '../../shared/types.ts';
import { acceptFactor } from './factor.ts';
import {
  countWrongCode,
  isRepeat,
  reachesDisable,
  reachesLock,
  retryAfterSeconds,
  type WrongCode,
} from './failures.ts';
import { refusal, withHold } from './holds.ts';
import { scanCode } from './scan.ts';
import type { Attempt, Env, Subject, Verdict } from './types.ts';

/**
 * Whether a code is good, by serial. In this order: what refuses the token, its wait, the scan, the
 * sixty-second rule, the count and what it leads to. `record` and `holds` are the very objects of
 * the subject where nothing changed.
 */
export function verify(subject: Subject, attempt: Attempt, env: Env): Verdict {
  const { record, life, holds } = subject;
  const refused = refusal(life, holds);
  if (refused !== undefined) return { outcome: refused, record, holds };
  const wait = retryAfterSeconds(record.failures.waitUntil, attempt.now, env.policy.waitSecondsMax);
  if (wait !== undefined) return { outcome: 'throttled', record, holds, retryAfterSeconds: wait };
  const finding = scanCode(subject, attempt.code, attempt.now, env);
  if (finding === 'replayed') return { outcome: 'replayed', record, holds };
  if (finding !== 'nothing') return acceptCode(subject, finding, attempt.now, env);
  const wrong = { hash: attempt.codeHash(), at: attempt.now };
  if (isRepeat(record.failures, wrong, env.policy)) return { outcome: 'wrongCode', record, holds };
  return countOnToken(subject, wrong, env);
}

/** What a success leaves behind, by serial and by account alike. */
export function acceptCode(
  subject: Subject,
  movingFactor: number,
  now: UnixMillis,
  env: Env,
): Verdict {
  const record = acceptFactor(subject, movingFactor, { now, proof: 'code', env });
  return { outcome: 'accepted', record, holds: subject.holds };
}

/** The failure that reaches a limit still answers `wrongCode`; the hold speaks from the next on. */
function countOnToken(subject: Subject, wrong: WrongCode, { policy }: Env): Verdict {
  const failures = countWrongCode(subject.record.failures, wrong, policy);
  let { holds } = subject;
  if (reachesLock(failures, policy)) holds = withHold(holds, 'locked');
  if (reachesDisable(failures, policy)) holds = withHold(holds, 'disabled');
  return { outcome: 'wrongCode', record: { ...subject.record, failures }, holds };
}
