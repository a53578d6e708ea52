import { timeStepAt } from '../../shared/otp.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { TokenDetail } from '../tokens/port.ts';
import { withHold } from '../verification/holds.ts';
import { withoutNextCode } from '../verification/next-code.ts';
import type { Policy } from '../verification/policy.ts';
import type { FactorRecord } from '../verification/types.ts';
import { windowAt } from '../verification/window.ts';

/** What is known of the time between the backup and the loss. */
export interface KnownSince {
  /** The greatest moving factor of this token that an audit export tells was accepted. */
  readonly factor?: number | undefined;
  /** That nothing later was accepted, by the word of whoever restores. */
  readonly isAll: boolean;
}

/**
 * What a token may have accepted between the backup and `now`, the restore. Nothing is left that
 * could be accepted again, neither as a code nor in a pair:
 *
 * - whatever is known to have been accepted is burnt;
 * - a time token begins after all that can have been accepted by `now`: no code is that is further
 *   ahead of the server's clock than the resync window. Where all is known it begins after the
 *   largest acceptance window;
 * - an event token's counter has no time by which to tell: unless all is known it is `disabled`
 *   until an administrator gives his word on it or it is replaced. A registered one is `locked` as
 *   well until a resync;
 * - a code whose follower was waited for is forgotten.
 *
 * Counts of wrong codes, budgets and other holds stay as the backup has them. Records that do not
 * change are the very objects given.
 */
export function afterRestore(
  { token, factor }: TokenDetail,
  { factor: used, isAll }: KnownSince,
  now: UnixMillis,
  policy: Policy,
): TokenDetail {
  if (token.life === 'revoked') return { token, factor };
  const record = withoutNextCode(factor);
  if (token.parameters.type === 'time' && record.factor.type === 'time') {
    const step = timeStepAt(now, token.parameters);
    const { prediction } = windowAt(record.factor, token.parameters, now, policy);
    const reached = (isAll ? Math.max(prediction, step) : step) + stepsBurnt(policy, isAll);
    const lastStep = Math.max(record.factor.lastStep, used ?? 0, reached);
    return { token, factor: { ...record, factor: { ...record.factor, lastStep } } };
  }
  const burnt = withUsed(record, used);
  if (token.life === 'stocked' && isAll) return { token, factor: burnt };
  let holds = token.life === 'stocked' ? token.holds : withHold(token.holds, 'locked');
  if (!isAll) holds = withHold(holds, 'disabled');
  return { token: { ...token, holds }, factor: { ...burnt, restoredAt: now } };
}

/** How many steps of a time token, from the restore on, are refused; by `isAll` as above. */
export const stepsBurnt = (
  { windowStepsMax, resyncSteps, pairStepsMax }: Policy,
  isAll: boolean,
): number => (isAll ? windowStepsMax : resyncSteps + pairStepsMax);

function withUsed(record: FactorRecord, used: number | undefined): FactorRecord {
  const { factor } = record;
  if (factor.type !== 'event' || used === undefined || used < factor.nextCounter) return record;
  return { ...record, factor: { type: 'event', nextCounter: used + 1 } };
}
