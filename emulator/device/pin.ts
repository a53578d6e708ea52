import { invalidInput } from '../../shared/errors.ts';
import type { Otp } from '../../shared/otp.ts';
import {
  type Code,
  DIGITS,
  type Digits,
  type Seed,
  type TokenParameters,
} from '../../shared/types.ts';
import type { Device, DeviceEnv } from './types.ts';

/** The PIN pad: entry, PIN, challenge and unlock code (FS-39 to FS-47). */

/**
 * Moving factors from here on make no codes: a time step of 1 s reaches less than 2^44 in the year
 * 275760, the last that a JavaScript Date knows (FS-47).
 */
const UNLOCK_FACTOR = 2 ** 52;
/** Challenges are made past the last unlock code. */
const CHALLENGE_FACTOR = UNLOCK_FACTOR + 10 ** 8;

const CHALLENGE_DIGITS_DEFAULT: Digits = 7;

/** How a challenge and its unlock code are made. */
export interface UnlockParameters {
  readonly algorithm: TokenParameters['algorithm'];
  /** Digits of the challenge and of the unlock code; default 7. */
  readonly digits?: Digits;
}

/**
 * What a helpdesk tells somebody whose token shows a challenge: the HOTP code (RFC 4226 section
 * 5.3) of the token's seed at the moving factor 2^52 plus the challenge (FS-47).
 *
 * @param challenge the digits on the display
 * @returns as many digits
 * @throws FobtwinError `invalidInput` naming `challenge` when it is none
 */
export function unlockCodeFor(
  seed: Seed,
  challenge: string,
  { algorithm, digits = CHALLENGE_DIGITS_DEFAULT }: UnlockParameters,
  otp: Otp,
): Code {
  if (!/^[0-9]{6,8}$/.test(challenge) || challenge.length !== digits) {
    throw invalidInput('challenge', 'badFormat', `A challenge is the ${digits} digits that show`);
  }
  return otp.code(seed, UNLOCK_FACTOR + Number(challenge), { algorithm, digits });
}

/** The challenge that a locked device shows; of one seed each number makes another (FS-47). */
export function challengeOf({ seed, state, ...device }: Device, { otp }: DeviceEnv): Code {
  return otp.code(seed, CHALLENGE_FACTOR + state.challenge, unlockParameters(device));
}

/** The unlock code of the challenge that a locked device shows. */
export function unlockCodeOf(device: Device, env: DeviceEnv): Code {
  return unlockCodeFor(device.seed, challengeOf(device, env), unlockParameters(device), env.otp);
}

function unlockParameters({ parameters, profile }: Pick<Device, 'parameters' | 'profile'>) {
  const digits = DIGITS.find((known) => known === profile.pin?.challengeDigits);
  return { algorithm: parameters.algorithm, digits: digits ?? CHALLENGE_DIGITS_DEFAULT };
}

export function entryTakesMore(device: Device): boolean {
  return entryOf(device).length < entryLimits(device).max;
}

export function entryIsTooShort(device: Device): boolean {
  return entryOf(device).length < entryLimits(device).min;
}

/** While no PIN is chosen any is right, and becomes the PIN (FS-42). */
export function pinIsRight(device: Device): boolean {
  const { pin } = device.state;
  return pin === undefined || entryOf(device) === pin;
}

export function pinTriesLeft({ profile, state }: Device): boolean {
  return state.wrongPins + 1 < (profile.pin?.tries ?? 0);
}

export function unlockCodeIsRight(device: Device, env: DeviceEnv): boolean {
  return device.profile.pin !== undefined && entryOf(device) === unlockCodeOf(device, env);
}

export function entryOf({ state }: Device): string {
  return state.entry ?? '';
}

/** How long an entry may be, and must be to be judged; nothing can be entered without a PIN pad. */
function entryLimits({ profile, state }: Device): { min: number; max: number } {
  const { pin } = profile;
  if (pin === undefined) return { min: 0, max: 0 };
  if (state.state !== 'deviceLocked') return { min: pin.digitsMin, max: pin.digitsMax };
  return { min: pin.challengeDigits, max: pin.challengeDigits };
}
