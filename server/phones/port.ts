import type { AccountId, Code, Outcome, PhoneId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { Phone, PhoneKind } from './record.ts';

/** Seed 003: a code is valid for the next two minutes. */
export const PHONE_CODE_MILLIS = 120_000;
/** Wrong codes that may be tried against one that was sent. */
export const PHONE_CODE_ATTEMPTS = 5;
/** "Resend Code" waits so long after the last one. */
export const RESEND_MILLIS = 30_000;

export interface NewPhone {
  readonly account: AccountId;
  /** As typed: separators are dropped, whatever the seeds ask people to leave out. */
  readonly number: string;
  readonly country: string;
  readonly kind: PhoneKind;
}

/** A code is on its way. */
export interface SentCode {
  readonly phone: PhoneId;
  readonly expiresAt: UnixMillis;
  readonly resendAt: UnixMillis;
}

export interface PhoneService {
  /** The account's numbers, the oldest first. */
  list(account: AccountId): Promise<readonly Phone[]>;
  /**
   * Adds a number and sends it a code. The first one belongs to the activation sequence or to a
   * sign-in at `hardwareToken`; with one there, changes need `phoneOtp` or above.
   *
   * @throws FobtwinError `phoneUnusable`, `phoneCountryMismatch`, `phonesFull`, `strengthTooLow`,
   * `notAllowedNow` (no credential that phones come with), `exists`, `tooManyRequests`
   */
  add(phone: NewPhone, caller: Caller): Promise<{ readonly phone: Phone; readonly sent: SentCode }>;
  /**
   * The code that came to a number proves it. A wrong one counts as any wrong code of the account.
   *
   * @throws FobtwinError `notFound`, `codeExpired`
   */
  verify(
    command: { readonly account: AccountId; readonly phone: PhoneId; readonly code: Code },
    caller: Caller,
  ): Promise<{
    readonly outcome: Outcome;
    readonly retryAfterSeconds?: number;
    readonly phone?: Phone;
  }>;
  /**
   * Sends a code to sign in with ("Send", "Resend Code"); the one before is none any more.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow`, `tooManyRequests` with the seconds of the
   * cool-down or of a limit, `unavailable` when no gateway took it
   */
  send(
    command: { readonly account: AccountId; readonly phone: PhoneId },
    caller: Caller,
  ): Promise<SentCode>;
  /**
   * @throws FobtwinError `notFound`, `strengthTooLow`, `notAllowedNow` for the last of a Phone OTP
   */
  remove(
    command: { readonly account: AccountId; readonly phone: PhoneId },
    caller: Caller,
  ): Promise<readonly Phone[]>;
}

/** What reaches a phone. An adapter answers when the message was taken, or throws. */
export interface PhoneMessage {
  /** The same for each try of one message. */
  readonly id: string;
  readonly number: string;
  readonly country: string;
  readonly kind: PhoneKind;
  readonly text: string;
}

export interface PhoneGateway {
  readonly name: string;
  /** @throws when it was not taken; the next gateway is tried */
  send(message: PhoneMessage): Promise<void>;
}
