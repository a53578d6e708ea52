import { invalidInput } from '../../shared/errors.ts';
import { RANDOM_SEED_MAX, type Rng, seededRng } from '../../shared/rng.ts';

/**
 * Repeatable numbers: whoever knows `randomSeed` knows them all, so nothing that is made from them
 * may guard anything real.
 *
 * @param stream numbers of one name do not change when more of another are drawn
 */
export function repeatableRng(randomSeed: number, stream: string): Rng {
  if (!Number.isInteger(randomSeed) || randomSeed < 0 || randomSeed > RANDOM_SEED_MAX) {
    throw invalidInput('randomSeed', 'badFormat', 'randomSeed is an integer from 0 to 2^32 - 1');
  }
  return seededRng(startOf(randomSeed, stream));
}

/** FNV-1a over the name, begun from the seed: streams of one seed start far apart. */
function startOf(randomSeed: number, stream: string): number {
  let hash = (0x811c9dc5 ^ randomSeed) >>> 0;
  for (const character of stream) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash;
}
