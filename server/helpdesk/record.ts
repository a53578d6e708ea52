import type { AccountId, Strength, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** How a caller was checked: a code spent for it, or a call back to a number held before. */
export type CheckMethod = 'code' | 'callBack';

/** What the helpdesk does for a caller that it has checked. */
export type HelpdeskAction = 'temporaryCode' | 'replacement' | 'unlock';

export interface CallerCheckRecord {
  readonly version: 1;
  /** 16 lower-case hexadecimal digits. */
  readonly id: string;
  readonly account: AccountId;
  readonly method: CheckMethod;
  /** Who checked, as the audit log names him. */
  readonly by: string;
  readonly at: UnixMillis;
  /** Nothing is done by it from then on. */
  readonly expiresAt: UnixMillis;
  /** With method `code`: what the code has proved. */
  readonly strength?: Strength;
  /** One action each. */
  readonly usedFor?: HelpdeskAction;
  /** How many approvals were asked for by it. Absent: none. */
  readonly approvalsAsked?: number;
  /** While the action is carried out: what the account's addresses are then told. */
  readonly toTell?: { readonly reason: string; readonly at: UnixMillis };
}

/** How long a check may be used: a call, and no more. */
export const CHECK_MILLIS = 15 * 60_000;
/** How long a colleague may take to approve, and what is approved to be done. */
export const APPROVAL_MILLIS = 60 * 60_000;

/**
 * How many approvals may be asked for by one check: the action that it is for, and mistakes on the
 * way to it.
 */
export const APPROVALS_A_CHECK_MAX = 5;

export const CALLER_CHECKS: Kind<CallerCheckRecord> = {
  name: 'callerCheck',
  indexes: ['account'],
  indexValues: (_index, { account }) => [account],
};

export const callerCheckKey = (id: string): Key<CallerCheckRecord> => keyOf(CALLER_CHECKS, id);

/** Whoever else must say yes, where the policy wants a second person. */
export interface ApprovalRecord {
  readonly version: 1;
  readonly id: string;
  readonly account: AccountId;
  readonly action: HelpdeskAction;
  /** What exactly: see `terms.ts`. */
  readonly terms: string;
  readonly check: string;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAt: UnixMillis;
  readonly expiresAt: UnixMillis;
  /** Another than `askedBy`. */
  readonly approvedBy?: string;
  readonly approvedAt?: UnixMillis;
  readonly usedAt?: UnixMillis;
}

export const APPROVALS: Kind<ApprovalRecord> = {
  name: 'approval',
  indexes: ['account'],
  indexValues: (_index, { account }) => [account],
};

export const approvalKey = (id: string): Key<ApprovalRecord> => keyOf(APPROVALS, id);

/** Bounds of a temporary code. */
export const TEMPORARY_CODE = {
  lifeMillisMax: 7 * 86_400_000,
  lifeMillisMin: 60_000,
  usesMax: 10,
  digits: 8,
  /** Wrong codes that may be tried against it. */
  attempts: 10,
  strengths: ['phoneOtp', 'mobileId'] as readonly Strength[],
} as const;
