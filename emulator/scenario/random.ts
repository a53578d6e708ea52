import { type Rng, seededRng } from '../../shared/rng.ts';

/**
 * The random numbers of a scenario: whoever knows `randomSeed` knows them all. Each
 * purpose has a stream of its own, so that one more draw for one never changes what another draws.
 *
 * @param randomSeed integer, 0 to 2^32 - 1
 * @param purpose what the numbers are for: `make/token/seed`
 */
export function randomOf(randomSeed: number, purpose: string): Rng {
  return seededRng(hashOf(`${randomSeed}/${purpose}`));
}

/** FNV-1a over the text's UTF-16 units, then MurmurHash3's finaliser, which mixes every bit. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
