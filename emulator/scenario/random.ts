import { type Rng, randomSeedOf, seededRng } from '../../shared/rng.ts';

/**
 * The random numbers of a scenario: whoever knows `randomSeed` knows them all. Each
 * purpose has a stream of its own, so that one more draw for one never changes what another draws.
 *
 * @param randomSeed integer, 0 to 2^32 - 1
 * @param purpose what the numbers are for: `make/token/seed`
 */
export function randomOf(randomSeed: number, purpose: string): Rng {
  return seededRng(randomSeedOf(`${randomSeed}/${purpose}`));
}
