import type { Rng } from '../../../shared/rng.ts';

/** Bytes that count up, so that no two draws are the same and every run is. */
export function countingRng(): Rng {
  let draws = 0;
  return {
    bytes(length) {
      draws += 1;
      const bytes = Buffer.alloc(length);
      bytes.writeUInt32BE(draws);
      return bytes;
    },
    uniform: () => 0.5,
  };
}
