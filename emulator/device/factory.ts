import {
  AMBIENT_CELSIUS,
  CELL_SHARE_DEVIATION,
  CELL_SHARE_MAX_OFF,
  CELSIUS_MAX,
  CELSIUS_MIN,
} from '../../firmware-spec/physics.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { normal, type Rng } from '../../shared/rng.ts';
import type { Algorithm, Seed, Serial } from '../../shared/types.ts';
import { RATE_PPM_MAX } from './crystal.ts';
import type { Physique } from './types.ts';

/** What differs between two devices of one model as they leave the factory (FS-25 to FS-27). */

/** A seed is as long as its hash, as RFC 6238 appendix B and RFC 4226 section 4 (R6) have it. */
const SEED_BYTES: Readonly<Record<Algorithm, number>> = { SHA1: 20, SHA256: 32, SHA512: 64 };

const SERIAL_DIGITS = 8;

/** The profile's prefix and eight random digits; whoever keeps the devices refuses a double. */
export function createSerial({ serialPrefix }: Pick<Profile, 'serialPrefix'>, rng: Rng): Serial {
  const number = Math.floor(rng.uniform() * 10 ** SERIAL_DIGITS);
  return `${serialPrefix}${String(number).padStart(SERIAL_DIGITS, '0')}` as Serial;
}

/** @param rng cryptographic, for a seed that is to be trusted */
export function createSeed({ algorithm }: { readonly algorithm: Algorithm }, rng: Rng): Seed {
  return rng.bytes(SEED_BYTES[algorithm]) as Seed;
}

/** How well a crystal was made: trimmed, without any drift, or as bad as sheets allow. */
export type CrystalGrade = 'trimmed' | 'ideal' | 'worst';

/**
 * A body without tolerances: the crystal runs true at any temperature and age, and the cell holds
 * what the profile says. Its cell wears all the same.
 */
export const IDEAL_PHYSIQUE: Physique = {
  trimPpm: 0,
  turnoverCelsius: AMBIENT_CELSIUS,
  parabolicPpm: 0,
  ageingPpm: 0,
  cellShare: 1,
};

/** What a body can be at all; whoever reads one from a file or an option refuses the rest. */
export const PHYSIQUE_LIMITS: Readonly<
  Record<keyof Physique, { readonly min: number; readonly max: number }>
> = {
  trimPpm: { min: -RATE_PPM_MAX, max: RATE_PPM_MAX },
  turnoverCelsius: { min: CELSIUS_MIN, max: CELSIUS_MAX },
  parabolicPpm: { min: -1, max: 0 },
  ageingPpm: { min: -RATE_PPM_MAX, max: RATE_PPM_MAX },
  cellShare: { min: 0.01, max: 2 },
};

/** What the factory's tolerances make of one device (FS-27); five draws from `rng`. */
export function createPhysique(
  { crystal }: Pick<Profile, 'crystal'>,
  rng: Rng,
  grade: CrystalGrade,
): Physique {
  const trim = within(normal(rng) * crystal.trimPpm, crystal.trimPpmMax);
  const turnoverOff = normal(rng) * crystal.turnoverDeviation;
  const ageing = 2 * rng.uniform() - 1;
  const cellOff = within(normal(rng) * CELL_SHARE_DEVIATION, CELL_SHARE_MAX_OFF);
  if (grade === 'ideal') return IDEAL_PHYSIQUE;
  const isWorst = grade === 'worst';
  return {
    trimPpm: isWorst ? crystal.trimPpmMax * signOf(trim) : trim,
    turnoverCelsius: crystal.turnoverCelsius + turnoverOff,
    parabolicPpm: crystal.parabolicPpm,
    ageingPpm: crystal.ageingPpm * (isWorst ? signOf(ageing) : ageing),
    cellShare: 1 + cellOff,
  };
}

function within(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}

/** 1 or -1: nothing runs neither fast nor slow. */
function signOf(value: number): number {
  return value < 0 ? -1 : 1;
}
