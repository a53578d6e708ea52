import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import { type Otp, timeStepAt } from '../../shared/otp.ts';
import type { Code, UnixMillis } from '../../shared/types.ts';
import { deviceTimeAt } from '../device/crystal.ts';
import type { Device } from '../device/types.ts';

/** Codes for a test that a person would not get by pressing. */

/** Furthest that a wrong code is kept from, or a stale one lies behind, in moving factors. */
export const REACH_MAX = 10_000;

/**
 * The moving factor that "now" means: of a time token the step its own clock is in, of an event
 * token the counter of the code that was shown last (of the first code, before any was).
 */
export function factorNow({ parameters, state, ...device }: Device, at: UnixMillis): number {
  if (parameters.type === 'event') return Math.max(0, state.counter - 1);
  const deviceTime = deviceTimeAt({ parameters, state, ...device }, at);
  return timeStepAt(Math.floor(deviceTime) as UnixMillis, parameters);
}

/**
 * Digits that are no code of this token within `steps` moving factors of now, either way: what a
 * server must refuse however wide it looks. They differ from the right code as a mistyped one does.
 */
export function wrongCodeOf(device: Device, at: UnixMillis, steps: number, otp: Otp): Code {
  checkReach(steps, 'steps', 0);
  const { seed, parameters } = device;
  const middle = factorNow(device, at);
  const valid = new Set<string>();
  for (let factor = Math.max(0, middle - steps); factor <= middle + steps; factor += 1) {
    valid.add(otp.code(seed, factor, parameters));
  }
  const modulus = 10 ** parameters.digits;
  let digits = otp.code(seed, middle, parameters);
  // Ends: there are at most 20,001 valid codes, and at least a million to choose from.
  while (valid.has(digits)) {
    digits = String((Number(digits) + 1) % modulus).padStart(parameters.digits, '0') as Code;
  }
  return digits;
}

/** The code of `steps` moving factors ago. */
export function staleCodeOf(device: Device, at: UnixMillis, steps: number, otp: Otp): Code {
  checkReach(steps, 'steps', 1);
  const factor = factorNow(device, at) - steps;
  if (factor < 0) {
    throw new FobtwinError('notAllowedNow', `${device.serial} has no code ${steps} steps old`, {
      nextStep: 'Press it more often first, or ask for a younger code.',
    });
  }
  return otp.code(device.seed, factor, device.parameters);
}

function checkReach(steps: number, field: string, min: number): void {
  if (Number.isInteger(steps) && steps >= min && steps <= REACH_MAX) return;
  throw invalidInput(field, 'badFormat', `${field} is an integer from ${min} to ${REACH_MAX}`);
}
