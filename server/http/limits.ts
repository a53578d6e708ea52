import { hash } from 'node:crypto';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { ApplicationId } from '../../shared/types.ts';
import type { Attempt } from './limits-attempt.ts';
import type { LimitOptions } from './limits-options.ts';
import { createRecentCodes } from './recent-codes.ts';

/**
 * The limits against abuse, in memory: a restart forgets them, and what must outlive one (failures,
 * waits, locks) stands in the records. Each throws FobtwinError `tooManyRequests`.
 */
export interface Limits {
  /** A request from `source` without an API key is being refused. */
  stranger(source: string): void;
  /** A request from `source` came with a wrong API key. */
  wrongKey(source: string): void;
  /** An application asks. */
  application(id: ApplicationId): void;
  /** An attempt at codes is about to be decided; tell what became of it. */
  attempt(attempt: Attempt): Settle;
}

/** A success takes back what its attempt was counted for. */
export type Settle = (accepted: boolean) => void;

export interface LimitSurroundings {
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
  /** For the key under which names are spread over the buckets. */
  readonly rng: Rng;
}

/**
 * Names are counted in so many buckets for each limit, spread by a key that nobody knows: a flood
 * of names takes no more memory than this, at most some 8 MB a limit, and pushes nobody out. Two
 * names share a bucket by chance alone. A power of two.
 */
export const LIMIT_BUCKETS = 16_384;

const WINDOW_MILLIS = 60_000;
const SALT_BYTES = 16;

export function createLimits(
  options: LimitOptions,
  { elapsedMillis, rng }: LimitSurroundings,
): Limits {
  const salt = Buffer.from(rng.bytes(SALT_BYTES)).toString('hex');
  const limiterOf = (perMinute: number, text: string) =>
    createLimiter(perMinute, text, elapsedMillis);
  const strangers = limiterOf(options.strangersPerMinute, TEXTS.strangers);
  const wrongKeys = limiterOf(options.wrongKeysPerMinute, TEXTS.wrongKeys);
  const applications = limiterOf(options.applicationRequestsPerMinute, TEXTS.applications);
  const tokens = limiterOf(options.wrongCodesPerMinuteOfToken, TEXTS.codes);
  const accounts = limiterOf(options.wrongCodesPerMinuteOfAccount, TEXTS.codes);
  const recent = createRecentCodes({ millis: options.repeatSeconds * 1000, elapsedMillis });
  // As text, which costs half of what a buffer does.
  const digest: Digest = (text) =>
    Number.parseInt(hash('sha256', salt + text, 'hex').slice(0, 2 * DIGEST_BYTES), 16);
  const bucketOf = (name: string): number => lowBits(digest(name));
  /** Counts one name's part of an attempt, unless this very code was counted just now. */
  const countCode = (limiter: Limiter, name: string, code: string): GiveBack => {
    const nameDigest = digest(name);
    const codeDigest = codeDigestOf(nameDigest, code, digest);
    if (recent.has(codeDigest)) return nothing;
    const bucket = lowBits(nameDigest);
    limiter.count(bucket);
    recent.add(codeDigest);
    return () => {
      limiter.giveBack(bucket);
    };
  };

  return {
    stranger: (source) => strangers?.count(bucketOf(source)),
    wrongKey: (source) => wrongKeys?.count(bucketOf(source)),
    // Their number is bounded already.
    application: (id) => applications?.count(id),
    attempt({ serial, account, code }) {
      const ofToken =
        tokens === undefined || serial === undefined
          ? nothing
          : countCode(tokens, `serial ${serial}`, code);
      if (accounts === undefined || account === undefined) return settleWith(ofToken, nothing);
      try {
        return settleWith(ofToken, countCode(accounts, `account ${account}`, code));
      } catch (error) {
        ofToken();
        throw error;
      }
    },
  };
}

type Digest = (text: string) => number;

/** Which of the buckets. */
const lowBits = (digest: number): number => digest & (LIMIT_BUCKETS - 1);

/** Different for each code of a name. No second hash: this is on the way of every code. */
function codeDigestOf(nameDigest: number, code: string, digest: Digest): number {
  const number = code.length <= CODE_DIGITS_MAX ? Number(`1${code}`) : Number.NaN;
  return (nameDigest + (Number.isInteger(number) ? number : digest(code))) % DIGEST_MODULUS;
}

/** 48 bits: an integer that JavaScript holds exactly. */
const DIGEST_BYTES = 6;
const DIGEST_MODULUS = 2 ** (8 * DIGEST_BYTES);
/** Of one code. */
const CODE_DIGITS_MAX = 8;

type GiveBack = () => void;
const nothing: GiveBack = () => undefined;

const settleWith =
  (ofToken: GiveBack, ofAccount: GiveBack): Settle =>
  (accepted) => {
    if (!accepted) return;
    ofToken();
    ofAccount();
  };

/** What a refused caller reads; none of them tells whether anything exists. */
const TEXTS = {
  strangers: 'This address has sent too many requests without an API key.',
  wrongKeys: 'This address has sent too many wrong API keys.',
  applications: 'This application asks too often.',
  codes: 'Too many wrong codes have come for this serial or account.',
} as const;

interface Limiter {
  /** @throws FobtwinError `tooManyRequests` with the seconds until the count begins anew */
  count(name: string | number): void;
  giveBack(name: string | number): void;
}

/** A minute from the first that was counted. */
interface Minute {
  count: number;
  endsAt: number;
}

/**
 * Counts in whole minutes. By hand, in a turn and without a timer a name: to wait for a library's
 * promise costs every verify more than the counting.
 */
function createLimiter(
  perMinute: number,
  text: string,
  elapsedMillis: () => number,
): Limiter | undefined {
  if (perMinute === 0) return undefined;
  const minutes = new Map<string | number, Minute>();
  return {
    count(name) {
      const now = elapsedMillis();
      const minute = minutes.get(name);
      if (minute === undefined) {
        minutes.set(name, { count: 1, endsAt: now + WINDOW_MILLIS });
        return;
      }
      if (minute.endsAt <= now) {
        minute.count = 0;
        minute.endsAt = now + WINDOW_MILLIS;
      }
      minute.count += 1;
      if (minute.count > perMinute) throw tooMany(text, minute.endsAt - now);
    },
    giveBack(name) {
      const minute = minutes.get(name);
      if (minute !== undefined && minute.count > 0) minute.count -= 1;
    },
  };
}

function tooMany(text: string, millis: number): FobtwinError {
  const retryAfterSeconds = Math.max(1, Math.ceil(millis / 1000));
  return new FobtwinError('tooManyRequests', text, {
    nextStep: `Try again in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  });
}
