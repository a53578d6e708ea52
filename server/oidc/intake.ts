import type { Rng } from '../../shared/rng.ts';
import { bucketOf, createDigest, createMinuteCounts, secondsOf } from '../access/minute-counts.ts';

/** Authorizations that one source begins, or ends, in a minute: many sit behind one address. */
const REQUESTS_A_MINUTE = 300;
/** Of all sources together: each leaves a record for a quarter of an hour. */
const ALL_REQUESTS_A_MINUTE = 6000;
export interface Intake {
  /** Seconds to wait where it is too much, else undefined. */
  count(source: string): number | undefined;
}

export interface IntakeSurroundings {
  readonly rng: Rng;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
}

/** Everybody can begin an authorization, and each is written down: so many and no more. */
export function createIntake({ rng, elapsedMillis }: IntakeSurroundings): Intake {
  const digest = createDigest(rng);
  const ofOne = createMinuteCounts(REQUESTS_A_MINUTE, elapsedMillis);
  const ofAll = createMinuteCounts<'all'>(ALL_REQUESTS_A_MINUTE, elapsedMillis);
  return {
    count(source) {
      const wait = ofOne.count(bucketOf(digest(source))) ?? ofAll.count('all');
      return wait === undefined ? undefined : secondsOf(wait);
    },
  };
}
