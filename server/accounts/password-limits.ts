import { createHmac } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rng } from '../../shared/rng.ts';

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
  }): Promise<{ readonly retryAfterSeconds: number } | { readonly takeBack: () => void }>;
}

const WINDOW_SECONDS = 60;
const SALT_BYTES = 16;
/** As in `server/http/limits.ts`: a flood of names fills no memory and pushes nobody out. */
const BUCKETS = 16_384;
const DIGEST_BYTES = 6;

export function createPasswordLimits(
  options: PasswordLimitOptions,
  { rng }: { readonly rng: Rng },
): PasswordLimits {
  const salt = rng.bytes(SALT_BYTES);
  const sources = createCounter(options.passwordsPerMinuteOfSource);
  const names = createCounter(options.wrongPasswordsPerMinuteOfAccount);
  const bucketOf = (text: string): number =>
    createHmac('sha256', salt).update(text).digest().readUIntBE(0, DIGEST_BYTES) % BUCKETS;
  return {
    async attempt({ source, name }) {
      const ofSource = await sources(source === undefined ? undefined : bucketOf(source));
      if ('retryAfterSeconds' in ofSource) return ofSource;
      const ofName = await names(bucketOf(name));
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

type Counted = { readonly retryAfterSeconds: number } | { readonly takeBack: () => void };

const UNCOUNTED: Counted = { takeBack: () => undefined };

function createCounter(perMinute: number): (bucket: number | undefined) => Promise<Counted> {
  if (perMinute === 0) return async () => UNCOUNTED;
  const limiter = new RateLimiterMemory({
    points: perMinute,
    duration: WINDOW_SECONDS,
    keyPrefix: '',
  });
  return async (bucket) => {
    if (bucket === undefined) return UNCOUNTED;
    try {
      await limiter.consume(bucket);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) };
    }
    // In memory it is done at once and cannot fail.
    return { takeBack: () => void limiter.reward(bucket) };
  };
}
