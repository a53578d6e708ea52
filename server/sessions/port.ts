import type { AccountId, Outcome, Serial, Strength, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { IssuedProof } from '../accounts/issued-codes.ts';

/** A person who has signed in. Its token is known to the person's browser alone. */
export interface Session {
  /** For lists and the log; it opens nothing. */
  readonly id: string;
  readonly account: AccountId;
  /** As of now: it falls to `password` when the credential that it rests on ends. */
  readonly strength: Strength;
  /** When the password was given. */
  readonly authenticatedAt: UnixMillis;
  /** When the strength was reached; with `password` alone the same moment. */
  readonly strengthAt: UnixMillis;
  /** The token whose code was given. */
  readonly serial?: Serial;
  /** The code that fobd had given out itself, where it was one. */
  readonly issued?: IssuedProof;
  /** Whether the credential whose code was given was proofed. */
  readonly proofed?: boolean;
  readonly createdAt: UnixMillis;
  readonly lastSeenAt: UnixMillis;
  /** At the latest; sooner when nobody uses it. */
  readonly expiresAt: UnixMillis;
}

/** What has just been proved. */
export interface SessionProof {
  readonly account: AccountId;
  readonly strength: Strength;
  /** With a strength above `password`, one of the two: as `TokenService.verify` says it. */
  readonly serial?: Serial | undefined;
  readonly issued?: IssuedProof | undefined;
  readonly proofed?: boolean | undefined;
  /** Which of the account's own passwords it was, by `PasswordAnswer`. Default: the present one. */
  readonly passwordSetAt?: UnixMillis | undefined;
}

export interface ElevateAnswer {
  readonly outcome: Outcome;
  readonly retryAfterSeconds?: number;
  /** With `accepted`, and with `strengthTooLow`: as it is now. */
  readonly session?: Session;
  /** With `strengthTooLow`: what the caller demands and the session has not reached. */
  readonly requiredStrength?: Strength;
  /** Likewise: a proofed credential would suffice. */
  readonly requiredProofing?: true;
}

/**
 * Sessions are kept in the store under a hash of their token. They end with their account, and what
 * rests on a token ends with it: judged at each look, so that nothing has to be told.
 */
export interface SessionService {
  /**
   * Beyond `SESSIONS_MAX` of the account the oldest ends.
   *
   * @returns the token, 256 bits as base64url, which is kept nowhere
   * @throws FobtwinError `notFound`, or `notAllowedNow` for an account that is disabled and for
   * a password that has been changed since it was given
   */
  begin(proof: SessionProof, caller: Caller): Promise<{ token: string; session: Session }>;
  /** The session, if it still is one; a use is noted to the minute. */
  find(token: string, now: UnixMillis): Promise<Session | undefined>;
  /**
   * Raises the strength by a code of the account's ("Elevate"). What is reached never falls by it.
   *
   * @throws FobtwinError `unauthenticated` when the session is over, `invalidInput` for a code that
   * is none
   */
  elevate(token: string, code: string, caller: Caller): Promise<ElevateAnswer>;
  /**
   * Notes that the password was given again: `authenticatedAt` is now. It lives no longer by it.
   *
   * @throws FobtwinError `unauthenticated` when the session is over
   */
  renew(token: string, caller: Caller): Promise<Session>;
  /** Ends it, if it is one. */
  end(token: string, caller: Caller): Promise<void>;
  endAll(account: AccountId, caller: Caller): Promise<{ readonly ended: number }>;
  /** Newest first, at most `SESSIONS_MAX` of an account. */
  list(account: AccountId, now: UnixMillis): Promise<readonly Session[]>;
  /**
   * Removes, slice by slice, all that time has ended unseen: whoever keeps the house calls it now
   * and again. Nothing that is over is found before.
   */
  sweep(now: UnixMillis): Promise<{ readonly ended: number }>;
}

/** Of one account at a time: the oldest ends when another begins. */
export const SESSIONS_MAX = 20;
