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
