import { createHmac } from 'node:crypto';
import type { UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf, put, type Write } from '../store/port.ts';
import type { ParsedNumber } from './number.ts';

/**
 * What sending may cost. Pumping fraud has codes sent to numbers that their owners earn by, and
 * spreads them over accounts, numbers and addresses: so each of these is limited by the hour and
 * the day, and all of them together are. Counted in the store, so that neither a restart nor
 * another node forgets; in so few records that no flood of names takes more room.
 */
export const LIMIT_NAMES = ['account', 'number', 'range', 'source', 'country', 'all'] as const;
type LimitName = (typeof LIMIT_NAMES)[number];

/** Codes that may be sent, at most. */
export interface SendingLimit {
  readonly hour: number;
  readonly day: number;
}
export type SendingLimits = Readonly<Record<LimitName, SendingLimit>>;

export const DEFAULT_SENDING_LIMITS: SendingLimits = {
  account: { hour: 10, day: 20 },
  /** One number on several accounts. */
  number: { hour: 10, day: 20 },
  /** A thousand numbers side by side: those that differ in their last three digits. */
  range: { hour: 50, day: 200 },
  /** An address, or its /64. */
  source: { hour: 30, day: 100 },
  country: { hour: 500, day: 2000 },
  all: { hour: 1000, day: 5000 },
};

export const SENDING_LIMIT_MAX = 10_000_000;

const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;
const SPANS = [
  ['hour', HOUR_MILLIS],
  ['day', DAY_MILLIS],
] as const;

/** Whole hours and days in UTC, counted since 1970, with what was sent in each. */
export interface SpendingRecord {
  readonly version: 1;
  readonly hour: { readonly index: number; readonly count: number };
  readonly day: { readonly index: number; readonly count: number };
}

export const PHONE_SPENDING: Kind<SpendingRecord> = {
  name: 'phoneSpending',
  indexes: [],
  indexValues: () => [],
};

/** What is counted beside the account, whose own record knows when it was sent codes. */
type SharedLimitName = Exclude<LimitName, 'account'>;

export interface SpendingCount {
  readonly name: SharedLimitName;
  readonly key: Key<SpendingRecord>;
}

/** Numbers and addresses are counted in so many buckets each, spread by a key that is secret. */
const BUCKETS = 65_536;
const RANGE_DIGITS = 3;

/** @param source undefined: not counted by source */
export function spendingCounts(
  { number, country, source }: ParsedNumber & { readonly source: string | undefined },
  key: Uint8Array,
): readonly SpendingCount[] {
  const bucketOf = (name: SharedLimitName, text: string): SpendingCount => {
    const mac = createHmac('sha256', key).update(`fobd/phoneSpending/v1/${name}/${text}`).digest();
    return countOf(name, String(mac.readUInt32BE() % BUCKETS));
  };
  const counts = [
    countOf('all', 'all'),
    countOf('country', country),
    bucketOf('number', number),
    bucketOf('range', number.slice(0, -RANGE_DIGITS)),
  ];
  return source === undefined ? counts : [...counts, bucketOf('source', source)];
}

const countOf = (name: SharedLimitName, of: string): SpendingCount => ({
  name,
  key: keyOf(PHONE_SPENDING, `${name}:${of}`),
});

/** What counting one more writes, or how long the first limit that is reached still holds. */
export type Spent =
  | { readonly writes: readonly Write[] }
  | { readonly name: LimitName; readonly waitMillis: number };

/** @param records of the counts' keys, in their order */
export function spend(
  counts: readonly SpendingCount[],
  records: readonly (SpendingRecord | undefined)[],
  now: UnixMillis,
  limits: SendingLimits,
): Spent {
  const writes: Write[] = [];
  for (const [place, { name, key }] of counts.entries()) {
    const present = current(records[place], now);
    for (const [span, millis] of SPANS) {
      if (present[span].count < limits[name][span]) continue;
      return { name, waitMillis: (present[span].index + 1) * millis - now };
    }
    writes.push(put(key, oneMore(present)));
  }
  return { writes };
}

/** What was counted in the hour and in the day that `now` is in. */
function current(record: SpendingRecord | undefined, now: UnixMillis): SpendingRecord {
  const spanAt = (span: 'hour' | 'day', millis: number) => {
    const index = Math.floor(now / millis);
    return record?.[span].index === index ? record[span] : { index, count: 0 };
  };
  return { version: 1, hour: spanAt('hour', HOUR_MILLIS), day: spanAt('day', DAY_MILLIS) };
}

const oneMore = ({ hour, day }: SpendingRecord): SpendingRecord => ({
  version: 1,
  hour: { ...hour, count: hour.count + 1 },
  day: { ...day, count: day.count + 1 },
});

/** Those of the last 24 hours: what an account's own limits look at. */
export const sentInADay = (sentAt: readonly UnixMillis[], now: UnixMillis): readonly UnixMillis[] =>
  sentAt.filter((at) => at <= now && now - at < DAY_MILLIS);

/**
 * How long an account still waits: rolling, unlike those that are shared; 0 where it need not.
 *
 * @param sentAt of the last 24 hours, the newest last
 */
export function accountWait(
  sentAt: readonly UnixMillis[],
  now: UnixMillis,
  { account }: Pick<SendingLimits, 'account'>,
): number {
  let wait = 0;
  for (const [span, millis] of SPANS) {
    const within = sentAt.filter((at) => now - at < millis);
    // The one whose end makes room for another.
    const first = within[within.length - account[span]];
    if (first !== undefined) wait = Math.max(wait, first + millis - now);
  }
  return wait;
}
