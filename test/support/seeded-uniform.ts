import { seededRng } from '../../shared/rng.ts';

/** Uniform in [0, 1), and the same again from the same seed. */
export const seededUniform = (seed: number): (() => number) => seededRng(seed >>> 0).uniform;
