import type { AccountId, PhoneId, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** How a code reaches a phone: "Text Capable" or "Voice Only" (seed 003). */
export const PHONE_KINDS = ['text', 'voice'] as const;
export type PhoneKind = (typeof PHONE_KINDS)[number];

export interface Phone {
  readonly id: PhoneId;
  /** E.164: `+12025550123`. */
  readonly number: string;
  /** ISO 3166-1 alpha-2: whose number it is. */
  readonly country: string;
  readonly kind: PhoneKind;
  readonly addedAt: UnixMillis;
  /** Absent until the code that was sent to it came back; then it can be signed in with. */
  readonly verifiedAt?: UnixMillis;
}

/** Numbers of an account at a time, those that wait to be verified included (seed 003). */
export const PHONES_MAX = 3;

/** By account. */
export interface PhonesRecord {
  readonly version: 1;
  readonly phones: readonly Phone[];
  /** Numbers that were removed: notices of later changes, and calls back, still reach them. */
  readonly earlier: readonly { readonly number: string; readonly removedAt: UnixMillis }[];
  /** When codes were sent, the newest last: for the cool-down and the limits by day. */
  readonly sentAt: readonly UnixMillis[];
}

export const NO_PHONES: PhonesRecord = { version: 1, phones: [], earlier: [], sentAt: [] };

export const PHONES: Kind<PhonesRecord> = { name: 'phones', indexes: [], indexValues: () => [] };

export const phonesKey = (account: AccountId): Key<PhonesRecord> => keyOf(PHONES, account);
