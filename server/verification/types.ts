import type { Otp } from '../../shared/otp.ts';
import type {
  Code,
  Hold,
  Life,
  Outcome,
  Seed,
  TokenParameters,
  UnixMillis,
} from '../../shared/types.ts';
import type { Policy } from './policy.ts';

/** Failures as they count: on a token by serial, on an account by account. */
export interface Failures {
  /** Cleared by a success or an unlock; locks at `policy.lockAfterFailures`. */
  readonly failuresInRow: number;
  /** Failed pairs included; cleared by an accepted code or pair, or `enable`; disables at 100. */
  readonly failuresSinceSuccess: number;
  /** No code is tested before; 0 when there is no wait. */
  readonly waitUntil: number;
  /** The last *counted* wrong code: keyed hash and when it was counted. */
  readonly lastWrong?: { readonly hash: string; readonly at: UnixMillis };
}

/** The moving factor of an event token. */
export interface EventFactor {
  readonly type: 'event';
  /** The lowest counter that can still be accepted; PSKC's Counter, inclusive. */
  readonly nextCounter: number;
}

/** The moving factor of a time token: what is burnt is counted in whole steps, never in seconds. */
export interface TimeFactor {
  readonly type: 'time';
  /** The last accepted step; -1 before the first. Nothing up to it is accepted again. */
  readonly lastStep: number;
  /** What has been learnt of its clock: where to look, no more. Absent before the first success. */
  readonly drift?: DriftEstimate;
}

/** A token's clock as the server knows it: an estimate at `at`, see `drift.ts`. */
export interface DriftEstimate {
  /** Token's clock less the server's, in seconds. */
  readonly offsetSeconds: number;
  /** How fast that changes: seconds a day. */
  readonly secondsPerDay: number;
  /** s2, s2 a day and (s a day)2. */
  readonly offsetVariance: number;
  readonly covariance: number;
  readonly rateVariance: number;
  /** Server's time of the last thing learnt. */
  readonly at: UnixMillis;
  /** Where the fence stands: what registration or the last resync found, and when. */
  readonly anchorSeconds: number;
  readonly anchorAt: UnixMillis;
}

/** The hot record: what a decision about a code may change. */
export interface FactorRecord {
  readonly version: 1;
  readonly factor: EventFactor | TimeFactor;
  readonly failures: Failures;
  /** Failed pairs since the last success: the resync budget (5), or for a stocked token 20. */
  readonly failedPairs: number;
  /** The last success (or registration); the window of a time token grows from here. */
  readonly lastAcceptedAt?: UnixMillis;
  /**
   * An event token that came back with a backup, and when: what it has shown since is not known
   * here. A registered one is `locked` until two codes tell where it is, which an unlock alone does
   * not lift; a stocked one is not. Unless all that was accepted is known it is `disabled` too.
   */
  readonly restoredAt?: UnixMillis;
  /** Next-code mode: a code was right for the resync window, and its follower is waited for. */
  readonly nextCode?: NextCode;
}

/** The first code of a pair that is given one at a time; see `next-code.ts`. */
export interface NextCode {
  /** Keyed hash of the code, as of a wrong one. */
  readonly hash: string;
  readonly at: UnixMillis;
  /** What it may have been, the nearest to the prediction first. */
  readonly movingFactors: readonly number[];
}

/** A token as verification sees it. */
export interface Subject {
  readonly life: Life;
  readonly holds: readonly Hold[];
  readonly parameters: TokenParameters;
  readonly record: FactorRecord;
  readonly seed: Seed;
  /**
   * A stand-in for a token that cannot match (unknown, stocked, held): the same work is done and
   * counted in its `record`, no code is ever good and none is ever `replayed`. Its life, holds and
   * wait refuse as any other's do, so that the caller chooses when the work is done: `registered`
   * (to register: `stocked`) without holds, and it always is.
   */
  readonly decoy?: boolean;
}

/** The same before its seed is opened: enough to refuse, and to decide on what a search found. */
export type Unseeded = Omit<Subject, 'seed'>;

/**
 * A search that stops after every `SLICE_CODES` codes made, so that whoever runs it can let others
 * in between. Synchronous and pure; what it returns is what it found.
 */
export type Search<Found> = Generator<undefined, Found, undefined>;

export interface Attempt {
  readonly code: Code;
  /**
   * Keyed hash of code and token (or account), for the sixty-second rule. A function, so that a
   * good code does not pay for it.
   */
  readonly codeHash: () => string;
  readonly now: UnixMillis;
}

export interface TwoCodes {
  readonly code1: Code;
  readonly code2: Code;
  readonly now: UnixMillis;
}

/** What verification is given besides the records. */
export interface Env {
  readonly otp: Otp;
  readonly policy: Policy;
  /**
   * Whether a code may teach the token's drift: not while the server's own clock has just been set.
   * Default: it may.
   */
  readonly learns?: () => boolean;
}

/**
 * What became of an attempt; the caller stores `record` and `holds` where they changed. What did
 * not change is the very object that was handed in.
 */
export interface Verdict {
  readonly outcome: Outcome;
  readonly record: FactorRecord;
  readonly holds: readonly Hold[];
  /** With `throttled`: whole seconds, rounded up. */
  readonly retryAfterSeconds?: number;
}

/** What became of an attempt by account: the account's own failures too. */
export interface AccountVerdict {
  readonly outcome: Outcome;
  readonly failures: Failures;
  /** With `accepted`: the candidate's place, or a code that fobd had given out itself. */
  readonly by?: number | 'issued';
  /** By place, the candidates that must be written: a success, or what reached a limit. */
  readonly tokens: Readonly<Record<number, Verdict>>;
  /**
   * What the account's failures have come to: set on the candidates in `tokens` already, and due to
   * every other token of the account that is free. Absent where no limit was reached.
   */
  readonly sets?: readonly Hold[];
  readonly retryAfterSeconds?: number;
}
