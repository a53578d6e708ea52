import type { AccountId, CredentialId, PhoneId, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/** How a code reaches a phone: "Text Capable" or "Voice Only" (seed 003). */
export const PHONE_KINDS = ['text', 'voice'] as const;
export type PhoneKind = (typeof PHONE_KINDS)[number];

/** Somebody who was known has said that a number is the person's own (`vouched.ts`). */
export interface Vouching {
  readonly at: UnixMillis;
  /** Known to this credential alone. Absent: known to whatever lends. */
  readonly only?: CredentialId;
}

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
  /**
   * Absent: nobody has who was known, and nothing lends codes to it any proofing. So it is with the
   * numbers from before this was kept, since nothing tells a thief's among them: they can be signed
   * in with as ever, and are confirmed again to count as proofed.
   */
  readonly vouched?: Vouching;
}

/** Numbers of an account at a time, those that wait to be verified included (seed 003). */
export const PHONES_MAX = 3;

/** A code that was sent to prove one number, and proves nothing else: nobody signs in with it. */
export interface PendingVerification {
  readonly phone: PhoneId;
  /** Keyed hash of the code, lower-case hexadecimal. */
  readonly mac: string;
  /** From this moment on it is no code any more. */
  readonly expiresAt: UnixMillis;
  /** Wrong codes that may still be tried against it. */
  readonly attemptsLeft: number;
}

export interface EarlierPhone {
  readonly number: string;
  /** When it was proved: one that was held for a moment only is not called back. */
  readonly verifiedAt?: UnixMillis;
  readonly removedAt: UnixMillis;
  /** Staff have removed it, or somebody known to what lends its proofing (`vouched.ts`). */
  readonly byKnown?: true;
}

export const EARLIER_PHONES_MAX = 20;

/** By account. */
export interface PhonesRecord {
  readonly version: 1;
  readonly phones: readonly Phone[];
  /** At most one a number. */
  readonly pending?: readonly PendingVerification[];
  /**
   * Numbers that were proved and removed, the newest last, at most `EARLIER_PHONES_MAX`: notices of
   * later changes, and calls back, still reach them.
   */
  readonly earlier: readonly EarlierPhone[];
  /** When codes were sent, the newest last, for a day: for the cool-down and the limits. */
  readonly sentAt: readonly UnixMillis[];
}

export const NO_PHONES: PhonesRecord = { version: 1, phones: [], earlier: [], sentAt: [] };

export const PHONES: Kind<PhonesRecord> = { name: 'phones', indexes: [], indexValues: () => [] };

export const phonesKey = (account: AccountId): Key<PhonesRecord> => keyOf(PHONES, account);
