/** Which codes came a moment ago, as digests. All live equally long, so the oldest end first. */
export interface RecentCodes {
  has(digest: number): boolean;
  /** Remembers one that is not there, for the span from now on. */
  add(digest: number): void;
}

/** About 6 MB; beyond it the oldest are forgotten before their time. A power of two. */
export const RECENT_CODES_MAX = 262_144;

/** In no chain, or its end. */
const NONE = -1;

/**
 * A ring in order of time, and chains through it for looking up. In arrays of numbers, since this
 * is on the way of every code: as a Map it would be garbage that lives for a minute, the dearest.
 */
export function createRecentCodes({
  millis,
  elapsedMillis,
}: {
  readonly millis: number;
  readonly elapsedMillis: () => number;
}): RecentCodes {
  const digests = new Float64Array(RECENT_CODES_MAX);
  const endsAt = new Float64Array(RECENT_CODES_MAX);
  /** The next older of the same chain. */
  const older = new Int32Array(RECENT_CODES_MAX);
  /** The newest of each chain. */
  const newest = new Int32Array(RECENT_CODES_MAX).fill(NONE);
  let oldest = 0;
  let count = 0;

  const at = (places: Int32Array, place: number): number => places[place] ?? NONE;
  const isOver = (place: number, now: number): boolean => (endsAt[place] ?? 0) <= now;
  /** In order of time: 0 is the oldest, and what is forgotten has `count` or more. */
  const rankOf = (place: number): number => lowBits(place - oldest);

  /** What is forgotten is not taken out of its chain: it ends where no older one follows. */
  const find = (digest: number): number => {
    let rank = count;
    let place = at(newest, lowBits(digest));
    while (place !== NONE && rankOf(place) < rank) {
      if (digests[place] === digest) return place;
      rank = rankOf(place);
      place = at(older, place);
    }
    return NONE;
  };

  const dropOldest = (): void => {
    oldest = lowBits(oldest + 1);
    count -= 1;
  };

  return {
    has(digest) {
      const place = find(digest);
      return place !== NONE && !isOver(place, elapsedMillis());
    },
    add(digest) {
      const now = elapsedMillis();
      while (count > 0 && isOver(oldest, now)) dropOldest();
      if (millis === 0) return;
      if (count === RECENT_CODES_MAX) dropOldest();
      const place = lowBits(oldest + count);
      const chain = lowBits(digest);
      digests[place] = digest;
      endsAt[place] = now + millis;
      older[place] = at(newest, chain);
      newest[chain] = place;
      count += 1;
    },
  };
}

/** A remainder by `RECENT_CODES_MAX`; of integers beyond 32 bits `%` would be dear. */
const lowBits = (number: number): number => number & (RECENT_CODES_MAX - 1);
