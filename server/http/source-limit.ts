import { hash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rng } from '../../shared/rng.ts';

/**
 * Where a code alone is asked for, nothing but the code stands between a stranger and a sign-in: so
 * many that were not accepted may come from one source a minute, whomever they are for. In memory,
 * as the limits of `limits.ts`.
 */
export interface SourceLimit {
  /** Counts an attempt before it is tested, or says how long to wait. */
  count(client: string, source: string, perMinute: number): Promise<Counted>;
}

export type Counted =
  /** An accepted code takes back what it was counted for. */
  | { readonly giveBack: () => void; readonly retryAfterSeconds?: never }
  | { readonly retryAfterSeconds: number; readonly giveBack?: never };

const WINDOW_SECONDS = 60;
const SALT_BYTES = 16;
/** Of one client: a flood of sources takes no more memory, and pushes nobody out. */
const BUCKETS = 16_384;
const DIGEST_BYTES = 6;

export function createSourceLimit({ rng }: { readonly rng: Rng }): SourceLimit {
  const salt = Buffer.from(rng.bytes(SALT_BYTES)).toString('hex');
  // Clients stand in a file: there are not many.
  const byClient = new Map<string, RateLimiterMemory>();
  const limiterOf = (client: string, points: number): RateLimiterMemory => {
    const known = byClient.get(client);
    if (known !== undefined) return known;
    const limiter = new RateLimiterMemory({ points, duration: WINDOW_SECONDS, keyPrefix: '' });
    byClient.set(client, limiter);
    return limiter;
  };
  const bucketOf = (source: string): number =>
    hash('sha256', salt + source, 'buffer').readUIntBE(0, DIGEST_BYTES) % BUCKETS;
  return {
    async count(client, source, perMinute) {
      const limiter = limiterOf(client, perMinute);
      const bucket = bucketOf(source);
      try {
        await limiter.consume(bucket);
        return { giveBack: () => void limiter.reward(bucket) };
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return { retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) };
      }
    },
  };
}
