import type { AccountId, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import type { ProofingMethod } from '../credentials/record.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** How far the proofing of one subscription's holder has come. */
export const PROOFING_STATES = [
  'profile',
  'choice',
  'questions',
  'requested',
  'scheduled',
  'passed',
  'failed',
] as const;
export type ProofingState = (typeof PROOFING_STATES)[number];

/** By subscription: one proofing holds for all of a bundle. */
export interface ProofingRecord {
  readonly version: 1;
  readonly id: SubscriptionId;
  readonly account: AccountId;
  readonly state: ProofingState;
  /** As confirmed: the account's own legal name and country. */
  readonly legalName?: string;
  readonly country?: string;
  readonly method?: ProofingMethod;
  /** Of the provider, while its questions are answered. */
  readonly inquiry?: { readonly id: string; readonly expiresAt: UnixMillis };
  /** Inquiries that were begun; at most `QUESTION_ATTEMPTS_MAX`. */
  readonly questionAttempts: number;
  /** Of a live session. */
  readonly appointment?: { readonly at: UnixMillis; readonly agent: string };
  readonly verdict?: {
    readonly passed: boolean;
    readonly at: UnixMillis;
    /** Who says so, as the audit log names him. */
    readonly by: string;
    readonly note?: string;
  };
  readonly changedAt: UnixMillis;
}

export const QUESTION_ATTEMPTS_MAX = 2;

export const PROOFINGS: Kind<ProofingRecord> = {
  name: 'proofing',
  indexes: ['account', 'state'],
  indexValues: (index, { account, state }) => [index === 'account' ? account : state],
};

export const proofingKey = (id: SubscriptionId): Key<ProofingRecord> => keyOf(PROOFINGS, id);
