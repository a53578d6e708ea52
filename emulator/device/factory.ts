import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { normal, type Rng } from '../../shared/rng.ts';
import type { Algorithm, Seed, Serial } from '../../shared/types.ts';

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

/** How far off the factory's trim left the crystal, ppm: normal, clipped. */
export function createCrystalRate({ crystal }: Pick<Profile, 'crystal'>, rng: Rng): number {
  const ratePpm = normal(rng) * crystal.trimPpm;
  return Math.min(crystal.trimPpmMax, Math.max(-crystal.trimPpmMax, ratePpm));
}
