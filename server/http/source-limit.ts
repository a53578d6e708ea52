import type { Rng } from '../../shared/rng.ts';
import { sourceOf } from '../access/address.ts';
import {
  bucketOf,
  createDigest,
  createMinuteCounts,
  type MinuteCounts,
  secondsOf,
} from '../access/minute-counts.ts';

/**
 * Where a code alone is asked for, nothing but the code stands between a stranger and a sign-in: so
 * many that were not accepted may come from one source a minute, whomever they are for. In memory,
 * as the limits of `limits.ts`.
 */
export interface SourceLimit {
  /**
   * Counts an attempt before it is tested, or says how long to wait.
   *
   * @param address whose source it is counted by
   */
  count(client: string, address: string, perMinute: number): Counted;
}

export type Counted =
  /** An accepted code takes back what it was counted for. */
  | { readonly giveBack: () => void; readonly retryAfterSeconds?: never }
  | { readonly retryAfterSeconds: number; readonly giveBack?: never };

export interface SourceLimitSurroundings {
  readonly rng: Rng;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
}

/** Addresses remembered; beyond it all are forgotten, and read again as they come. */
const ADDRESSES_MAX = 4096;

export function createSourceLimit({ rng, elapsedMillis }: SourceLimitSurroundings): SourceLimit {
  const digest = createDigest(rng);
  // Clients stand in a file: there are not many.
  const byClient = new Map<string, MinuteCounts>();
  const countsOf = (client: string, perMinute: number): MinuteCounts => {
    const known = byClient.get(client);
    if (known !== undefined) return known;
    const counts = createMinuteCounts(perMinute, elapsedMillis);
    byClient.set(client, counts);
    return counts;
  };
  // With every code, and mostly of the same few addresses.
  const buckets = new Map<string, number>();
  const bucketOfAddress = (address: string): number => {
    const known = buckets.get(address);
    if (known !== undefined) return known;
    const bucket = bucketOf(digest(sourceOf(address)));
    if (buckets.size >= ADDRESSES_MAX) buckets.clear();
    buckets.set(address, bucket);
    return bucket;
  };
  return {
    count(client, address, perMinute) {
      const counts = countsOf(client, perMinute);
      const bucket = bucketOfAddress(address);
      const wait = counts.count(bucket);
      if (wait !== undefined) return { retryAfterSeconds: secondsOf(wait) };
      return { giveBack: () => counts.giveBack(bucket) };
    },
  };
}
