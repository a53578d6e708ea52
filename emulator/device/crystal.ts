import { YEAR_MILLIS } from '../../firmware-spec/physics.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { clockFault } from './faults/effects.ts';
import type { Device } from './types.ts';

/**
 * The device's clock: true time seen through its crystal (FS-7 to FS-10, FS-60 to FS-64). Rates are
 * parts per million; positive runs fast.
 */

const MILLION = 1_000_000;

/** A crystal further off than this does not start; ppm either way. */
export const RATE_PPM_MAX = 1000;

/** A stopped clock loses all the time that passes. */
const STOPPED_PPM = -MILLION;

/**
 * How fast the crystal runs at `celsius` and true time `atMillis`: trim, the parabola about its
 * turnover, ageing since it was made, and what a fault adds (FS-60). A live device's runs true but
 * for a fault.
 */
export function rateAt(device: Device, celsius: number, atMillis: number): number {
  const { ratePpm, stopped } = clockFault(device, atMillis as UnixMillis);
  if (stopped) return STOPPED_PPM;
  if (device.mode === 'live') return ratePpm;
  const years = (atMillis - device.madeAt) / YEAR_MILLIS;
  return steadyPpm(device, celsius) + device.physique.ageingPpm * agedShare(years) + ratePpm;
}

/**
 * What the device's clock gives at true time `at`, in milliseconds with a fraction, never negative
 * (FS-9). Not later than `asOf`: as if its offset had been today's (FS-10).
 */
export function deviceTimeAt(device: Device, at: UnixMillis): number {
  return Math.max(0, at + device.state.offsetMillis + driftMillis(device, at));
}

/**
 * True milliseconds from `at` until the device's clock gives `deviceTime`, with a fraction, at the
 * rate that holds at `at`; `Infinity` for a time that a stopped clock does not reach.
 */
export function trueMillisUntil(device: Device, at: UnixMillis, deviceTime: number): number {
  const left = deviceTime - (at + device.state.offsetMillis + driftMillis(device, at));
  if (left === 0) return 0;
  return left / (1 + rateAt(device, device.state.celsius, at) / MILLION);
}

/**
 * By how many milliseconds the offset grows from `asOf` to true time `to`; 0 for an earlier one. In
 * closed form: a decade costs as much as a second (FS-63).
 */
export function driftMillis(device: Device, to: UnixMillis): number {
  const { asOf, celsius } = device.state;
  if (to <= asOf) return 0;
  const bounds = [asOf, ...faultBounds(device, asOf, to), to];
  return bounds.slice(1).reduce((sum, end, index) => {
    const start = bounds[index] ?? asOf;
    const { ratePpm, stopped } = clockFault(device, start as UnixMillis);
    if (stopped) return sum - (end - start);
    const faulty = (ratePpm * (end - start)) / MILLION;
    if (device.mode === 'live') return sum + faulty;
    return sum + faulty + wornMillis(device, celsius, start, end);
  }, 0);
}

/** The times strictly between two at which a fault begins; a device has at most one of a name. */
function faultBounds({ faults }: Device, from: number, to: number): number[] {
  const bounds = faults.map(({ since }) => Number(since)).filter((at) => at > from && at < to);
  return bounds.sort((one, other) => one - other);
}

/** Drift by trim, temperature and age, without faults. */
function wornMillis(device: Device, celsius: number, from: number, to: number): number {
  const { madeAt, physique } = device;
  const steady = (steadyPpm(device, celsius) * (to - from)) / MILLION;
  const ageYears = agedSum((to - madeAt) / YEAR_MILLIS) - agedSum((from - madeAt) / YEAR_MILLIS);
  return steady + (physique.ageingPpm * ageYears * YEAR_MILLIS) / MILLION;
}

/** FS-61: the parabola only ever slows. */
function steadyPpm({ physique }: Device, celsius: number): number {
  const { trimPpm, parabolicPpm, turnoverCelsius } = physique;
  return trimPpm + parabolicPpm * (celsius - turnoverCelsius) ** 2;
}

/** FS-62: evenly in the first year, with the logarithm of time after it, without a kink. */
function agedShare(years: number): number {
  if (years <= 0) return 0;
  return years <= 1 ? years : 1 + Math.log(years);
}

/** The integral of `agedShare` from 0, in years. */
function agedSum(years: number): number {
  if (years <= 0) return 0;
  return years <= 1 ? years ** 2 / 2 : 0.5 + years * Math.log(years);
}
