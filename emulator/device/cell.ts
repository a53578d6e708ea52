import {
  AMBIENT_CELSIUS,
  BROWN_OUT_VOLTS,
  CONTRAST_BY_CELSIUS,
  CONTRAST_BY_VOLTS,
  FORCED_DEPTHS,
  LOW_VOLTS,
  OPEN_CIRCUIT_VOLTS,
  onCurve,
  RESISTANCE_DOUBLING_CELSIUS,
  RESISTANCE_SHARES,
  VOLTS_PER_CELSIUS,
  WEAK_VOLTS,
  YEAR_MILLIS,
} from '../../firmware-spec/physics.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { forcedCell } from './faults/effects.ts';
import type { Device, Physique } from './types.ts';

/** The device's cell, and what the glass makes of it (FS-65 to FS-74). */

const HOUR_MILLIS = 3_600_000;

/** The cell as a press at the device's temperature would find it. */
export interface Cell {
  /** What is left of its capacity, 0 to 1. */
  readonly share: number;
  /** At rest. */
  readonly volts: number;
  /** Inner resistance. */
  readonly ohms: number;
  /** At the peak of a press; never below 0. */
  readonly underLoadVolts: number;
  /** The firmware warns of it. */
  readonly isLow: boolean;
  /** So low that the display cannot be trusted. */
  readonly isWeak: boolean;
  /** Never undone. */
  readonly isEmpty: boolean;
  /** A press would reset the controller; in the warm it may not. */
  readonly brownsOut: boolean;
}

/** FS-67 to FS-72. A live device's cell is fresh and warm unless a fault says otherwise. */
export function cellOf(device: Device): Cell {
  const { profile, state, mode } = device;
  const forced = forcedCell(device, state.asOf);
  const isFresh = mode === 'live' && forced === undefined;
  const drawn = mode === 'live' ? 0 : 1 - shareLeft(device);
  const depth = Math.max(drawn, forced === undefined ? 0 : FORCED_DEPTHS[forced]);
  const celsius = isFresh ? AMBIENT_CELSIUS : state.celsius;
  const volts = voltsAt(depth, celsius);
  const ohms = ohmsAt(profile, depth, celsius);
  const underLoadVolts = Math.max(0, volts - (ohms * profile.cell.peakMilliamps) / 1000);
  const isEmpty = depth >= 1;
  return {
    share: 1 - depth,
    volts,
    ohms,
    underLoadVolts,
    isLow: isEmpty || forced !== undefined || underLoadVolts < LOW_VOLTS,
    isWeak: isEmpty || forced === 'weak' || underLoadVolts < WEAK_VOLTS,
    isEmpty,
    brownsOut: isEmpty || underLoadVolts < BROWN_OUT_VOLTS,
  };
}

/** The cell after one press that shows a code (FS-66). A live device's does not wear. */
export function withPressDrawn(device: Device): Device {
  if (device.mode === 'live') return device;
  return withDrawn(device, device.profile.cell.pressMicroampHours);
}

/** FS-73: 0, nothing to be seen, to 1. */
export function contrastOf(device: Device): number {
  const { underLoadVolts, isEmpty } = cellOf(device);
  if (isEmpty) return 0;
  const byVolts = onCurve(CONTRAST_BY_VOLTS, underLoadVolts);
  if (device.mode === 'live') return byVolts;
  return byVolts * onCurve(CONTRAST_BY_CELSIUS, device.state.celsius);
}

/** What a fresh cell of this device holds, in microampere hours. */
export function capacityOf({ cell }: Pick<Profile, 'cell'>, { cellShare }: Physique): number {
  return cell.capacityMicroampHours * cellShare;
}

/** What sleep and self-discharge draw in an hour, in microampere hours (FS-65). */
export function idleMicroampsOf({ cell }: Pick<Profile, 'cell'>, physique: Physique): number {
  const lostInYear = cell.selfDischargePerYear * capacityOf({ cell }, physique);
  return cell.sleepMicroamps + (lostInYear * HOUR_MILLIS) / YEAR_MILLIS;
}

/** The cell after the time from `asOf` to `to` has passed (FS-65). */
export function withIdleDrawn(device: Device, to: UnixMillis): Device {
  const passed = to - device.state.asOf;
  if (passed <= 0 || device.mode === 'live') return device;
  const microamps = idleMicroampsOf(device.profile, device.physique);
  return withDrawn(device, (microamps * passed) / HOUR_MILLIS);
}

function withDrawn(device: Device, microampHours: number): Device {
  const { state } = device;
  const chargeMicroampHours = Math.max(0, state.chargeMicroampHours - microampHours);
  return { ...device, state: { ...state, chargeMicroampHours } };
}

function shareLeft({ profile, physique, state }: Device): number {
  const share = state.chargeMicroampHours / capacityOf(profile, physique);
  return Math.min(1, Math.max(0, share));
}

/** FS-67. */
function voltsAt(depth: number, celsius: number): number {
  return onCurve(OPEN_CIRCUIT_VOLTS, depth) + VOLTS_PER_CELSIUS * (celsius - AMBIENT_CELSIUS);
}

/** FS-68. */
function ohmsAt({ cell }: Profile, depth: number, celsius: number): number {
  const cold = 2 ** ((AMBIENT_CELSIUS - celsius) / RESISTANCE_DOUBLING_CELSIUS);
  return cell.freshOhms * onCurve(RESISTANCE_SHARES, depth) * cold;
}
