import type { Rng } from '../../shared/rng.ts';
import {
  bucketOf,
  createDigest,
  createMinuteCounts,
  type MinuteCounts,
  secondsOf,
} from '../access/minute-counts.ts';

/**
 * Limits on passwords, in memory: by source and by name. They keep a flood away from the store and
 * from the threads that hash; what must outlive a restart stands in the records.
 */
export interface PasswordLimitOptions {
  /** By source address: passwords a minute that were not accepted. 0: no limit. */
  readonly passwordsPerMinuteOfSource: number;
  /** By what was typed as the name: likewise. 0: no limit. */
  readonly wrongPasswordsPerMinuteOfAccount: number;
}

export interface PasswordLimits {
  /** An attempt is about to be decided, and counts until it is taken back. */
  attempt(of: {
    readonly source: string | undefined;
    /** Folded, so that one name is one however it is typed. */
    readonly name: string;
  }): Counted;
}

type Counted = { readonly retryAfterSeconds: number } | { readonly takeBack: () => void };

export interface PasswordLimitSurroundings {
  readonly rng: Rng;
  /** Milliseconds that only go forward. */
  readonly elapsedMillis: () => number;
}

export function createPasswordLimits(
  options: PasswordLimitOptions,
  { rng, elapsedMillis }: PasswordLimitSurroundings,
): PasswordLimits {
  const digest = createDigest(rng);
  const counterOf = (perMinute: number): MinuteCounts | undefined =>
    perMinute === 0 ? undefined : createMinuteCounts(perMinute, elapsedMillis);
  const sources = counterOf(options.passwordsPerMinuteOfSource);
  const names = counterOf(options.wrongPasswordsPerMinuteOfAccount);
  return {
    attempt({ source, name }) {
      const ofSource = count(source === undefined ? undefined : sources, digest(source ?? ''));
      if ('retryAfterSeconds' in ofSource) return ofSource;
      const ofName = count(names, digest(name));
      if ('retryAfterSeconds' in ofName) {
        ofSource.takeBack();
        return ofName;
      }
      return {
        takeBack() {
          ofSource.takeBack();
          ofName.takeBack();
        },
      };
    },
  };
}

const UNCOUNTED: Counted = { takeBack: () => undefined };

function count(counter: MinuteCounts | undefined, digest: number): Counted {
  if (counter === undefined) return UNCOUNTED;
  const bucket = bucketOf(digest);
  const wait = counter.count(bucket);
  if (wait !== undefined) return { retryAfterSeconds: secondsOf(wait) };
  return { takeBack: () => counter.giveBack(bucket) };
}
