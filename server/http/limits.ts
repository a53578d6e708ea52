import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, ApplicationId, Strength } from '../../shared/types.ts';
import {
  bucketOf,
  createDigest,
  createMinuteCounts,
  DIGEST_MODULUS,
  type Digest,
  secondsOf,
} from '../access/minute-counts.ts';
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
  /** A person asks, by one of the account's sessions, which has reached `strength`. */
  person(account: AccountId, strength: Strength): void;
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

export function createLimits(
  options: LimitOptions,
  { elapsedMillis, rng }: LimitSurroundings,
): Limits {
  const limiterOf = (perMinute: number, text: string) =>
    createLimiter(perMinute, text, elapsedMillis);
  const strangers = limiterOf(options.strangersPerMinute, TEXTS.strangers);
  const wrongKeys = limiterOf(options.wrongKeysPerMinute, TEXTS.wrongKeys);
  const applications = limiterOf(options.applicationRequestsPerMinute, TEXTS.applications);
  const people = limiterOf(options.accountRequestsPerMinute, TEXTS.people);
  const tokens = limiterOf(options.wrongCodesPerMinuteOfToken, TEXTS.codes);
  const accounts = limiterOf(options.wrongCodesPerMinuteOfAccount, TEXTS.codes);
  const recent = createRecentCodes({ millis: options.repeatSeconds * 1000, elapsedMillis });
  const digest = createDigest(rng);
  const bucketOfName = (name: string): number => bucketOf(digest(name));
  /** Counts one name's part of an attempt, unless this very code was counted just now. */
  const countCode = (limiter: Limiter, name: string, code: string): GiveBack => {
    const nameDigest = digest(name);
    const codeDigest = codeDigestOf(nameDigest, code, digest);
    if (recent.has(codeDigest)) return nothing;
    const bucket = bucketOf(nameDigest);
    limiter.count(bucket);
    recent.add(codeDigest);
    return () => {
      limiter.giveBack(bucket);
    };
  };

  return {
    stranger: (source) => strangers?.count(bucketOfName(source)),
    wrongKey: (source) => wrongKeys?.count(bucketOfName(source)),
    // Their number is bounded already.
    application: (id) => applications?.count(id),
    person(account, strength) {
      // Whoever has stolen the password must not spend what its person, who has proved more, asks.
      const showed = strength === 'password' ? 'password' : 'code';
      people?.count(bucketOfName(`${showed} ${account}`));
    },
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

/** Different for each code of a name. No second hash: this is on the way of every code. */
function codeDigestOf(nameDigest: number, code: string, digest: Digest): number {
  const number = code.length <= CODE_DIGITS_MAX ? Number(`1${code}`) : Number.NaN;
  return (nameDigest + (Number.isInteger(number) ? number : digest(code))) % DIGEST_MODULUS;
}

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
  people: 'This account asks too often.',
  codes: 'Too many wrong codes have come for this serial or account.',
} as const;

interface Limiter {
  /** @throws FobtwinError `tooManyRequests` with the seconds until the count begins anew */
  count(name: string | number): void;
  giveBack(name: string | number): void;
}

function createLimiter(
  perMinute: number,
  text: string,
  elapsedMillis: () => number,
): Limiter | undefined {
  if (perMinute === 0) return undefined;
  const counts = createMinuteCounts<string | number>(perMinute, elapsedMillis);
  return {
    count(name) {
      const wait = counts.count(name);
      if (wait !== undefined) throw tooMany(text, wait);
    },
    giveBack: (name) => counts.giveBack(name),
  };
}

function tooMany(text: string, millis: number): FobtwinError {
  const retryAfterSeconds = secondsOf(millis);
  return new FobtwinError('tooManyRequests', text, {
    nextStep: `Try again in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  });
}
