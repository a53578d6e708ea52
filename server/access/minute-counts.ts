import { hash } from 'node:crypto';
import type { Rng } from '../../shared/rng.ts';

/**
 * What limits against abuse count with: names, in whole minutes, in memory. By hand, in a turn and
 * without a timer a name: waiting for a library's promise costs every verify more than counting.
 */
export interface MinuteCounts<Name extends string | number = number> {
  /** Counts one; `undefined`, or milliseconds to wait where there have been too many. */
  count(name: Name): number | undefined;
  /** Takes one back. */
  giveBack(name: Name): void;
}

const WINDOW_MILLIS = 60_000;

/** A minute from the first that was counted. */
interface Minute {
  count: number;
  endsAt: number;
}

/** @param perMinute from 1; names are few, or spread over buckets */
export function createMinuteCounts<Name extends string | number = number>(
  perMinute: number,
  elapsedMillis: () => number,
): MinuteCounts<Name> {
  const minutes = new Map<Name, Minute>();
  return {
    count(name) {
      const now = elapsedMillis();
      const minute = minutes.get(name);
      if (minute === undefined) {
        minutes.set(name, { count: 1, endsAt: now + WINDOW_MILLIS });
        return undefined;
      }
      if (minute.endsAt <= now) {
        minute.count = 0;
        minute.endsAt = now + WINDOW_MILLIS;
      }
      minute.count += 1;
      return minute.count > perMinute ? minute.endsAt - now : undefined;
    },
    giveBack(name) {
      const minute = minutes.get(name);
      if (minute !== undefined && minute.count > 0) minute.count -= 1;
    },
  };
}

/**
 * Names are counted in so many buckets for each limit, spread by a key that nobody knows: a flood
 * of names takes no more memory than this, at most some 8 MB a limit, and pushes nobody out. Two
 * names share a bucket by chance alone. A power of two.
 */
export const BUCKETS = 16_384;

const SALT_BYTES = 16;
/** 48 bits: an integer that JavaScript holds exactly. */
const DIGEST_BYTES = 6;
export const DIGEST_MODULUS = 2 ** (8 * DIGEST_BYTES);

/** A text's digest under a key of this process's own; an integer below `DIGEST_MODULUS`. */
export type Digest = (text: string) => number;

export function createDigest(rng: Rng): Digest {
  const salt = Buffer.from(rng.bytes(SALT_BYTES)).toString('hex');
  // As text of a character a byte, which costs a fraction of what a buffer or hexadecimal does.
  return (text) => firstBytes(hash('sha256', salt + text, 'binary'));
}

/** The integer that the first bytes of a text of bytes say. */
function firstBytes(text: string): number {
  let number = 0;
  for (let place = 0; place < DIGEST_BYTES; place += 1) {
    number = number * 256 + text.charCodeAt(place);
  }
  return number;
}

/** Which of the buckets: the low bits. */
export const bucketOf = (digest: number): number => digest & (BUCKETS - 1);

/** What a caller is told: whole seconds, from 1. */
export const secondsOf = (millis: number): number => Math.max(1, Math.ceil(millis / 1000));
