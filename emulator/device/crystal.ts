import type { UnixMillis } from '../../shared/types.ts';
import type { Device } from './types.ts';

/** The device's clock: true time seen through its crystal (FS-7 to FS-10). */

const MILLION = 1_000_000;

/** A crystal further off than this does not start; ppm either way. */
export const RATE_PPM_MAX = 1000;

/**
 * Lets true time pass for the crystal: integrates the drift since `asOf`. An earlier `at` ages
 * nothing: offset and `asOf` stay (FS-10).
 */
export function age(device: Device, at: UnixMillis): Device {
  const { state } = device;
  if (at <= state.asOf) return device;
  const offsetMillis = state.offsetMillis + driftMillis(device, at - state.asOf);
  return { ...device, state: { ...state, asOf: at, offsetMillis } };
}

/**
 * What the device's clock gives at true time `at`, in milliseconds with a fraction, never negative
 * (FS-9).
 */
export function deviceTimeAt(device: Device, at: UnixMillis): number {
  return Math.max(0, at + age(device, at).state.offsetMillis);
}

/** True milliseconds from `at` until the device's clock gives `deviceTime`, with a fraction. */
export function trueMillisUntil(device: Device, at: UnixMillis, deviceTime: number): number {
  const left = deviceTime - (at + age(device, at).state.offsetMillis);
  return left / (1 + ratePpm(device) / MILLION);
}

function driftMillis(device: Device, passedMillis: number): number {
  return (passedMillis * ratePpm(device)) / MILLION;
}

function ratePpm(device: Device): number {
  return device.mode === 'live' ? 0 : device.ratePpm;
}
