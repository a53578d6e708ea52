/** Where randomness comes from. Handed in by an edge. */
export interface Rng {
  /** `length` random bytes; from a cryptographic source wherever a seed or a key is made. */
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). */
  uniform(): number;
}

/** Normal with mean 0 and deviation 1 (Box-Muller), from two uniform draws. */
export function normal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng.uniform()));
  return radius * Math.cos(2 * Math.PI * rng.uniform());
}

/** The largest seed of `seededRng`: 32 bits. */
export const RANDOM_SEED_MAX = 0xffff_ffff;

/**
 * The same numbers again from the same seed (mulberry32), in any JavaScript. Not cryptographic: who
 * has seen a few knows the rest, so no seed and no key is ever made from it.
 *
 * @param randomSeed integer, 0 to `RANDOM_SEED_MAX`
 * @throws RangeError when it is outside
 */
export function seededRng(randomSeed: number): Rng {
  if (!Number.isInteger(randomSeed) || randomSeed < 0 || randomSeed > RANDOM_SEED_MAX) {
    throw new RangeError('a random seed is an integer from 0 to 2^32 - 1');
  }
  let state = randomSeed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(uniform() * 256)),
  };
}

/**
 * A random seed from a text, for streams of numbers that have a name: 32 bits. FNV-1a over the
 * text's UTF-16 units, then MurmurHash3's finaliser, which mixes every bit.
 */
export function randomSeedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
