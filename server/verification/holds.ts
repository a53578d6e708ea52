import { HOLDS, type Hold, type Life, type Outcome } from '../../shared/types.ts';
import { clearRow } from './failures.ts';
import type { FactorRecord } from './types.ts';

/** One reason to refuse: a hold that is set, or a life that the token is in. */
export interface Refusal {
  readonly hold?: Hold;
  readonly life?: Life;
  readonly outcome: Outcome;
}

/**
 * What refuses a token, the strongest reason first (DESIGN section 5); `throttled` comes after all
 * of them. `notRegistered` is what is left to say of a stocked token that nothing holds.
 */
export const REFUSALS: readonly Refusal[] = [
  { life: 'revoked', outcome: 'revoked' },
  { hold: 'lost', outcome: 'lost' },
  { hold: 'disabled', outcome: 'disabled' },
  { hold: 'adminLocked', outcome: 'locked' },
  { hold: 'suspended', outcome: 'suspended' },
  { hold: 'locked', outcome: 'locked' },
  { life: 'stocked', outcome: 'notRegistered' },
];

/** Why a token in this life with these holds is refused untested; `undefined` when it is not. */
export function refusal(life: Life, holds: readonly Hold[]): Outcome | undefined {
  if (life === 'registered' && holds.length === 0) return undefined;
  const first = REFUSALS.find(
    (reason) => reason.life === life || (reason.hold !== undefined && holds.includes(reason.hold)),
  );
  return first?.outcome;
}

/** `holds` with `hold`, in the order of `HOLDS`; the same array when nothing changes. */
export function withHold(holds: readonly Hold[], hold: Hold): readonly Hold[] {
  if (holds.includes(hold)) return holds;
  return HOLDS.filter((each) => each === hold || holds.includes(each));
}

/** `holds` without `hold`; the same array when nothing changes. */
export function withoutHold(holds: readonly Hold[], hold: Hold): readonly Hold[] {
  return holds.includes(hold) ? holds.filter((each) => each !== hold) : holds;
}

/** The record's part of `unlock`: failures in a row, wait and budget of failed pairs. */
export function liftLock(record: FactorRecord): FactorRecord {
  return { ...record, failures: clearRow(record.failures), failedPairs: 0 };
}

/** The record's part of `enable`: the failures since the last success begin anew. */
export function enable(record: FactorRecord): FactorRecord {
  return { ...record, failures: { ...record.failures, failuresSinceSuccess: 0 } };
}
