import type { AccountId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';

/** Longest password that is looked at, in characters (NIST SP 800-63B-4 asks for at least 64). */
export const PASSWORD_CHARACTERS_MAX = 256;
/** Longest name that somebody signs in with, as typed: `user`, `DOMAIN\user`, `user@domain`. */
export const USER_NAME_CHARACTERS_MAX = 256;

/**
 * What a password came to. `disabled` is told only to who knows the password; an unknown name
 * reads `wrongPassword`, and takes as long.
 */
export const PASSWORD_OUTCOMES = ['accepted', 'wrongPassword', 'throttled', 'disabled'] as const;
export type PasswordOutcome = (typeof PASSWORD_OUTCOMES)[number];

export interface PasswordCommand {
  /** As typed. */
  readonly user: string;
  readonly password: string;
  /** What limits by source count by (see `access/address.ts`); absent where nobody can tell. */
  readonly source?: string | undefined;
}

export type PasswordAnswer =
  | {
      readonly outcome: 'accepted';
      readonly account: AccountId;
      /** Tells an own password from every later one; absent where it is a directory's. */
      readonly passwordSetAt?: UnixMillis;
    }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'wrongPassword' | 'disabled' };

/**
 * Passwords: fobd's own, by a memory-hard hash, or a directory's, by bind. Every edge that asks for
 * one asks here, before it asks for a code.
 */
export interface PasswordService {
  /**
   * Limited by source and by account; recorded as `signIn` in the audit log.
   *
   * @throws FobtwinError `unavailable` when the directory cannot be reached: nothing is counted
   */
  check(command: PasswordCommand, caller: Caller): Promise<PasswordAnswer>;
  /**
   * Sets an account's own password, and lifts what wrong ones have counted. Sessions that rest on
   * the one before end.
   *
   * @throws FobtwinError `notFound`, `invalidInput` (too short, too long, breached), or
   * `notAllowedNow` for an account of a directory
   */
  set(account: AccountId, password: string, caller: Caller): Promise<void>;
  /** Takes the password away: nobody signs in with one, and sessions that rest on it end. */
  remove(account: AccountId, caller: Caller): Promise<void>;
}
