import { hash } from 'node:crypto';
import type {
  AccountId,
  Hold,
  Serial,
  TimeParameters,
  TokenParameters,
  UnixMillis,
} from '../../shared/types.ts';
import { type Key, type Kind, keyOf, put, type Write } from '../store/port.ts';
import type { Vault } from '../vault/port.ts';
import { newFactor } from '../verification/factor.ts';
import { NO_FAILURES } from '../verification/failures.ts';
import { withoutNextCode } from '../verification/next-code.ts';
import type { FactorRecord, Failures, Subject, Unseeded, Verdict } from '../verification/types.ts';
import type { TokenDetail } from './port.ts';

/**
 * Shadows: what an unknown serial or account counts on, and a known one that cannot be tested
 * (stocked, held, revoked), so that waits and locks come to all of them alike. A shadow belongs to
 * a bucket; several names may share one, and their number is bounded whatever strangers try.
 */
export interface ShadowRecord {
  readonly version: 1;
  /** Of one code, as on a token. */
  readonly failures: Failures;
  /** Failed resync pairs. */
  readonly failedPairs: number;
  /** `locked` and `disabled`, as failures set them. */
  readonly holds: readonly Hold[];
  /** A serial's failed registration pairs. */
  readonly failedRegistrationPairs: number;
  /** An account's failed registrations, oldest first. */
  readonly failedRegistrations: readonly UnixMillis[];
  /** The last change. */
  readonly changedAt: UnixMillis;
}

/** Of serials, and as many of accounts. */
export const SHADOW_BUCKETS = 65_536;
const BUCKET_HEX_DIGITS = 4;

/**
 * A shadow is forgotten when nothing was counted on it for so long: a real token's counts end with
 * its owner's next success, and nobody would ever clear these.
 */
export const SHADOW_FORGET_MILLIS = 30 * 86_400_000;

export const SHADOWS: Kind<ShadowRecord> = {
  name: 'shadow',
  indexes: [],
  indexValues: () => [],
};

/** Whose shadow: kept apart, so that one decision about both never meets one bucket twice. */
export type Shaded =
  | { readonly of: 'serial'; readonly name: Serial }
  | { readonly of: 'account'; readonly name: AccountId };

const textOf = ({ of, name }: Shaded): string => `${of}:${name}`;

/**
 * What buckets are drawn with: nobody outside can tell who shares one. Derived once, because the
 * bucket is needed for every request, good ones too.
 */
export const shadowPrefix = (vault: Pick<Vault, 'keyedHash'>): string =>
  vault.keyedHash('shadow', 'buckets');

/** The bucket: sixteen bits of a hash that begins with a key, too few to tell anything of it. */
export function shadowKey(shaded: Shaded, prefix: string): Key<ShadowRecord> {
  const bucket = hash('sha256', prefix + textOf(shaded), 'hex').slice(0, BUCKET_HEX_DIGITS);
  return keyOf(SHADOWS, `${shaded.of}:${bucket}`);
}

/** The shadow as it counts at `now`: stored, or a new one. */
export function currentShadow(stored: ShadowRecord | undefined, now: UnixMillis): ShadowRecord {
  const fresh = stored !== undefined && now - stored.changedAt < SHADOW_FORGET_MILLIS;
  return fresh ? stored : newShadow(now);
}

/** Member by member, as all on the way of an unknown name: to spread one costs microseconds. */
const newShadow = (now: UnixMillis): ShadowRecord => ({
  version: 1,
  failures: NO_FAILURES,
  failedPairs: 0,
  holds: [],
  failedRegistrationPairs: 0,
  failedRegistrations: [],
  changedAt: now,
});

/** What may change on a shadow. */
export type ShadowCounts = Omit<ShadowRecord, 'version' | 'changedAt'>;

/** The shadow with `counts`; the very object given when they are its own. */
export function withCounts(
  shadow: ShadowRecord,
  counts: Partial<ShadowCounts>,
  now: UnixMillis,
): ShadowRecord {
  const names = Object.keys(counts) as (keyof ShadowCounts)[];
  const same = names.every((name) => counts[name] === shadow[name]);
  if (same) return shadow;
  return {
    version: 1,
    failures: counts.failures ?? shadow.failures,
    failedPairs: counts.failedPairs ?? shadow.failedPairs,
    holds: counts.holds ?? shadow.holds,
    failedRegistrationPairs: counts.failedRegistrationPairs ?? shadow.failedRegistrationPairs,
    failedRegistrations: counts.failedRegistrations ?? shadow.failedRegistrations,
    changedAt: now,
  };
}

/** A stand-in's verdict as its shadow counts it. */
export const countsOf = ({ record, holds }: Verdict): Partial<ShadowCounts> => ({
  failures: record.failures,
  failedPairs: record.failedPairs,
  holds,
});

export const shadowWrites = (
  key: Key<ShadowRecord>,
  before: ShadowRecord,
  after: ShadowRecord,
): Write[] => (after === before ? [] : [put(key, after)]);

/** What an unknown token is taken for while none was asked about that is known: the commonest. */
export const UNKNOWN_PARAMETERS: TimeParameters = {
  type: 'time',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
};

type StandInCounts = Pick<FactorRecord, 'failures' | 'failedPairs'> & {
  readonly holds: readonly Hold[];
};

/**
 * The stand-in that does a token's work and never matches: the known token's parameters and factor
 * (or those that an unknown one is taken for), and the counts that are handed in. Its seed is the
 * vault's decoy.
 */
export function unseededStandIn(
  known: TokenDetail | undefined,
  { failures, failedPairs, holds }: StandInCounts,
  takenFor: TokenParameters = UNKNOWN_PARAMETERS,
): Unseeded {
  const parameters = known?.token.parameters ?? takenFor;
  const record = withoutNextCode(known?.factor ?? newFactor(parameters, 0));
  return {
    life: 'registered',
    holds,
    parameters,
    record: { ...record, failures, failedPairs },
    decoy: true,
  };
}

/** Opens the decoy's seed for one use of the stand-in, then wipes it. */
export function withStandIn<R>(
  standIn: Unseeded,
  vault: Pick<Vault, 'decoySeed'>,
  use: (subject: Subject) => R,
): R {
  const { life, holds, parameters, record, decoy } = standIn;
  const seed = vault.decoySeed();
  try {
    return use({ life, holds, parameters, record, decoy, seed });
  } finally {
    seed.fill(0);
  }
}
