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
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  readonly kind: PhoneKind;
  /** Where the person is, for the limit by source; undefined: not counted. */
  readonly source?: string | undefined;
}

/** What a code that was sent is good for. */
export type SentPurpose = 'verification' | 'signIn';

/** A code is on its way. */
export interface SentCode {
  readonly phone: PhoneId;
  readonly purpose: SentPurpose;
  readonly expiresAt: UnixMillis;
  readonly resendAt: UnixMillis;
}

export interface AddedPhone {
  readonly phone: Phone;
  readonly sent: SentCode;
}

/** One of an account's numbers. */
export interface PhoneCommand {
  readonly account: AccountId;
  readonly phone: PhoneId;
}

export interface VerifyPhoneCommand extends PhoneCommand {
  readonly code: Code;
}

export interface VerifyPhoneAnswer {
  readonly outcome: Extract<Outcome, 'accepted' | 'wrongCode'>;
  /** With `accepted`. */
  readonly phone?: Phone;
}

export interface SendCommand extends PhoneCommand {
  /** Of a proved number: to confirm it again, so that it counts as proofed. Default: to sign in. */
  readonly purpose?: 'verification' | undefined;
  /** As in `NewPhone`. */
  readonly source?: string | undefined;
}

export interface PhoneService {
  /** The account's numbers, the oldest first; none of an account that there is not. */
  list(account: AccountId): Promise<readonly Phone[]>;
  /** Those of them that a code to sign in with can be sent to at `now`. */
  usable(account: AccountId, now: UnixMillis): Promise<readonly Phone[]>;
  /** Those of them that codes are not proofed to, while something lends its proofing. */
  uncounted(account: AccountId, now: UnixMillis): Promise<readonly PhoneId[]>;
  /** Whether the caller may change them as they are. */
  mayChange(account: AccountId, caller: Caller): Promise<boolean>;
  /**
   * Adds a number and sends it a code. The first one belongs to the activation sequence or to a
   * sign-in at `hardwareToken`; with one there, changes need `phoneOtp` or above. A number that is
   * proved already registers a Phone OTP that waits for one, or is confirmed again to count as
   * proofed (`vouched.ts`): it is sent a code for that.
   *
   * @throws FobtwinError `phoneUnusable`, `phoneCountryMismatch`, `phonesFull`, `strengthTooLow`,
   * `notAllowedNow` (no credential that phones come with), `exists`, `tooManyRequests`,
   * `unavailable` when no gateway took the code: the number stays, to be sent another
   */
  add(phone: NewPhone, caller: Caller): Promise<AddedPhone>;
  /**
   * The code that came to a number proves it; with it a Phone OTP that waits for a number is
   * active. A wrong one counts against that code alone, which proves a number and opens nothing:
   * the account's tokens are not locked by typing errors here.
   *
   * @throws FobtwinError `notFound`, `codeExpired` (its two minutes are over, or its attempts
   * spent), `notAllowedNow` when no code was sent to prove it, `strengthTooLow` where another has
   * become the first meanwhile
   */
  verify(command: VerifyPhoneCommand, caller: Caller): Promise<VerifyPhoneAnswer>;
  /**
   * Sends a code to sign in with ("Send", "Resend Code"), or to prove a number that is not proved
   * yet; the one before is none any more.
   *
   * @throws FobtwinError `notFound`, `notAllowedNow`, `phoneCountryMismatch`, `phoneUnusable` (its
   * country is not served any more), `strengthTooLow`, `tooManyRequests` with the seconds of the
   * cool-down or of a limit, `unavailable` when no gateway took it
   */
  send(command: SendCommand, caller: Caller): Promise<SentCode>;
  /**
   * @throws FobtwinError `notFound`, `strengthTooLow`, `notAllowedNow` for the last of a Phone OTP
   */
  remove(command: PhoneCommand, caller: Caller): Promise<readonly Phone[]>;
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
  /** Whether it reaches such a phone there. */
  takes(message: Pick<PhoneMessage, 'kind' | 'country'>): boolean;
  /** @throws when it was not taken, or `signal` aborts; the next gateway is tried */
  send(message: PhoneMessage, signal: AbortSignal): Promise<void>;
}
