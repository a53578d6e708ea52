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

/** Questions that were asked, by the provider's own name for them: never what they ask. */
export interface Inquiry {
  readonly id: string;
  readonly expiresAt: UnixMillis;
  /** Its answers have gone to the provider; no others are taken for it. */
  readonly answeredAt?: UnixMillis;
  /** The provider could not be reached for a verdict: this inquiry counts as no attempt. */
  readonly unreachable?: true;
}

/** By subscription: one proofing holds for all of a bundle. */
export interface ProofingRecord {
  readonly version: 1;
  readonly id: SubscriptionId;
  readonly account: AccountId;
  readonly state: ProofingState;
  /** As confirmed: the account's own legal name, and the country the person is in. */
  readonly legalName?: string;
  readonly country?: string;
  /** The last that was chosen. */
  readonly method?: ProofingMethod;
  /** While its questions are answered. */
  readonly inquiry?: Inquiry;
  /** Inquiries that were begun; at most `QUESTION_ATTEMPTS_MAX`. */
  readonly questionAttempts: number;
  /** Live sessions that were requested; at most `VIDEO_SESSIONS_MAX`. */
  readonly videoSessions: number;
  /** Of a live session. */
  readonly appointment?: { readonly at: UnixMillis; readonly agent: string };
  /** The last one. */
  readonly verdict?: {
    readonly passed: boolean;
    readonly at: UnixMillis;
    /** Who says so, as the audit log names him; `questionProvider` of answers. */
    readonly by: string;
    /** For staff. */
    readonly note?: string;
  };
  readonly changedAt: UnixMillis;
}

export const QUESTION_ATTEMPTS_MAX = 2;
export const VIDEO_SESSIONS_MAX = 3;
/** Questions are answered within ten minutes, or begun again. */
export const INQUIRY_MILLIS = 600_000;

export const PROOFINGS: Kind<ProofingRecord> = {
  name: 'proofing',
  indexes: ['account', 'state'],
  indexValues: (index, { account, state }) => [index === 'account' ? account : state],
};

export const proofingKey = (id: SubscriptionId): Key<ProofingRecord> => keyOf(PROOFINGS, id);
