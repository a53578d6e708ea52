import { hash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rng } from '../../shared/rng.ts';

/** Authorizations that one source begins, or ends, in a minute: many sit behind one address. */
const REQUESTS_A_MINUTE = 300;
/** Of all sources together: each leaves a record for a quarter of an hour. */
const ALL_REQUESTS_A_MINUTE = 6000;
const WINDOW_SECONDS = 60;
/** Sources are spread over so many counters, by a key that nobody knows. */
const BUCKETS = 16_384;
const SALT_BYTES = 16;
const DIGEST_BYTES = 6;

export interface Intake {
  /** Seconds to wait where it is too much, else undefined. */
  count(source: string): Promise<number | undefined>;
}

/** Everybody can begin an authorization, and each is written down: so many and no more. */
export function createIntake(rng: Rng): Intake {
  const salt = Buffer.from(rng.bytes(SALT_BYTES)).toString('hex');
  const duration = WINDOW_SECONDS;
  const ofOne = new RateLimiterMemory({ points: REQUESTS_A_MINUTE, duration });
  const ofAll = new RateLimiterMemory({ points: ALL_REQUESTS_A_MINUTE, duration });
  return {
    async count(source) {
      const digest = hash('sha256', salt + source, 'buffer').readUIntBE(0, DIGEST_BYTES);
      try {
        await ofOne.consume(digest % BUCKETS);
        await ofAll.consume('all');
        return undefined;
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      }
    },
  };
}
