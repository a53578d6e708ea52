import { PROFILES } from '../../firmware-spec/profiles/profiles.ts';
import { PROFILE_NAMES, type ProfileName } from '../../firmware-spec/vocabulary.ts';
import { decodeBase32 } from '../../shared/base32.ts';
import { invalidInput } from '../../shared/errors.ts';
import type { OtpCrypto } from '../../shared/otp.ts';
import type { TokenParameters } from '../../shared/types.ts';
import { parseSeed, parseSerial, type Seed, type Serial } from '../../shared/types.ts';
import { createDevice } from '../device/device.ts';
import { createPhysique, createSeed, createSerial } from '../device/factory.ts';
import type { Device } from '../device/types.ts';
import { checkOptions } from './known-options.ts';
import { repeatableRng } from './random.ts';
import { type Moment, readMoment } from './times.ts';

/** What a token is made of; everything may be left away. */
export interface MakeOptions {
  /** The model. Default `c30`: a time token, 6 digits, 30 s. */
  readonly profile?: ProfileName;
  /** Default: one of the model's, from `randomSeed`. */
  readonly serial?: string;
  /**
   * An integer from 0 to 2^32 - 1. Serial, seed and the tolerances of crystal and cell follow from
   * it where they are not given: the same number is the same token. Default 1.
   */
  readonly randomSeed?: number;
  /** True time of the making, to which its clock is set. Default `2026-01-01T00:00:00Z`. */
  readonly at?: Moment;
  /** 16 to 64 bytes, or their base32. Default: from `randomSeed`, so not for real use. */
  readonly seed?: Uint8Array | string;
  /** Event tokens: the counter of the first code. Default 0. */
  readonly counter?: number;
  /** How codes are made, where they differ from the model's. */
  readonly parameters?: TokenParameters;
  /**
   * `trimmed`: drifts by a few parts in a million, as real ones do; `ideal`: never drifts by
   * itself; `worst`: as far off as the model allows. Default `trimmed`.
   */
  readonly crystal?: 'trimmed' | 'ideal' | 'worst';
  /** `live`: neither drifts nor wears unless a fault says so. Default `simulated`. */
  readonly mode?: Device['mode'];
  /** A synchronous HMAC to use instead of the library's own (@noble/hashes). */
  readonly crypto?: OtpCrypto;
}

export const DEFAULT_RANDOM_SEED = 1;
export const DEFAULT_MOMENT = '2026-01-01T00:00:00Z';

const OPTIONS: Readonly<Record<keyof MakeOptions, true>> = {
  profile: true,
  serial: true,
  randomSeed: true,
  at: true,
  seed: true,
  counter: true,
  parameters: true,
  crystal: true,
  mode: true,
  crypto: true,
};

/** @throws FobtwinError `invalidInput` naming the option at fault */
export function makeDevice(options: MakeOptions): Device {
  checkOptions(options, OPTIONS);
  const { randomSeed = DEFAULT_RANDOM_SEED, crystal = 'trimmed', mode, counter } = options;
  const profile = PROFILES[readProfile(options.profile ?? 'c30')];
  const stream = (name: string) => repeatableRng(randomSeed, name);
  const { parameters } = options;
  const algorithm = parameters?.algorithm ?? profile.algorithm;
  return createDevice({
    profile,
    serial:
      options.serial === undefined
        ? createSerial(profile, stream('serial'))
        : readSerial(options.serial),
    seed:
      options.seed === undefined
        ? createSeed({ algorithm }, stream('seed'))
        : readSeed(options.seed),
    physique: createPhysique(profile, stream('physique'), readCrystal(crystal)),
    at: readMoment(options.at ?? DEFAULT_MOMENT, 'at'),
    ...(parameters === undefined ? {} : { parameters }),
    ...(mode === undefined ? {} : { mode: readMode(mode) }),
    ...(counter === undefined ? {} : { counter }),
  });
}

/** What a caller without types gives is checked as what comes from a file is. */
function readProfile(name: string): ProfileName {
  const profile = PROFILE_NAMES.find((known) => known === name);
  if (profile !== undefined) return profile;
  throw oneOf('profile', PROFILE_NAMES);
}

function readCrystal(name: string): 'trimmed' | 'ideal' | 'worst' {
  if (name === 'trimmed' || name === 'ideal' || name === 'worst') return name;
  throw oneOf('crystal', ['trimmed', 'ideal', 'worst']);
}

function readMode(name: string): Device['mode'] {
  if (name === 'live' || name === 'simulated') return name;
  throw oneOf('mode', ['live', 'simulated']);
}

function oneOf(field: string, names: readonly string[]) {
  return invalidInput(field, 'oneOf', `${field} is one of ${names.join(', ')}`);
}

export function readSerial(text: string): Serial {
  const serial = typeof text === 'string' ? parseSerial(text) : undefined;
  if (serial !== undefined) return serial;
  throw invalidInput(
    'serial',
    'badFormat',
    'A serial is a letter or digit and up to 63 more letters, digits, dots, hyphens or underscores',
  );
}

export function readSeed(given: Uint8Array | string): Seed {
  const bytes = typeof given === 'string' ? decodeBase32(given) : given;
  const seed = bytes instanceof Uint8Array ? parseSeed(Uint8Array.from(bytes)) : undefined;
  if (seed !== undefined) return seed;
  throw invalidInput('seed', 'badFormat', 'A seed is 16 to 64 bytes, or their base32');
}
