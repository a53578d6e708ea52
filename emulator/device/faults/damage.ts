import type { FaultName, State } from '../../../firmware-spec/vocabulary.ts';
import { capacityOf } from '../cell.ts';
import { deviceTimeAt } from '../crystal.ts';
import { COUNTER_MAX, darkened, factorAt } from '../step.ts';
import type { Device, DeviceState, Fault } from '../types.ts';

/** What faults do to a device once, at their injection, and what clearing mends (FS-94, FS-95). */

type Change = (device: Device, fault: Fault) => Device;

/** The device after a fault has struck at its injection. */
export function damaged(device: Device, fault: Fault): Device {
  return DAMAGE[fault.name]?.(device, fault) ?? device;
}

/** The device after a fault that had struck was cleared. */
export function cured(device: Device, fault: Fault): Device {
  return CURES[fault.name]?.(device, fault) ?? device;
}

/** That memory is lost, or the device has disabled itself, its own timers find out at once. */
const DAMAGE: Readonly<Partial<Record<FaultName, Change>>> = {
  cellSwap: withNewCell,
  tamper: (device) => changed(device, { memoryLost: true }),
  selfDisabled: (device) => changed(device, { disabled: true }),
  deviceLock: locked,
  clockOffset: (device, { attributes }) =>
    changed(device, {
      offsetMillis: device.state.offsetMillis + Number(attributes['seconds']) * 1000,
    }),
  counterSkip: (device, { attributes }) =>
    changed(device, {
      counter: Math.min(device.state.counter + Number(attributes['by']), COUNTER_MAX),
    }),
};

const CURES: Readonly<Partial<Record<FaultName, Change>>> = { deviceLock: unlocked };

const OF_THE_OLD_CELL: readonly FaultName[] = ['batteryLow', 'batteryWeak'];

/** A cell fault goes with the cell. The memory was without power meanwhile. */
function withNewCell(device: Device): Device {
  const { profile, physique, faults, state } = device;
  return {
    ...device,
    faults: faults.filter(({ name }) => !OF_THE_OLD_CELL.includes(name)),
    state: {
      ...state,
      memoryLost: true,
      // A dead device stays dead: its charge is of no use to it.
      chargeMicroampHours:
        state.state === 'dead' ? state.chargeMicroampHours : capacityOf(profile, physique),
    },
  };
}

const ENDED: ReadonlySet<State> = new Set(['erased', 'disabled', 'expired', 'dead']);

function locked(device: Device): Device {
  const { state } = device;
  const change = { locked: true, challenge: state.challenge + 1 };
  if (ENDED.has(state.state)) return changed(device, change);
  const dark = darkened(device);
  if (device.profile.alwaysOn === undefined) return changed(dark, { ...change, state: 'asleep' });
  const litAt = deviceTimeAt(device, state.asOf);
  return changed(dark, { ...change, state: 'deviceLocked', litAt });
}

function unlocked(device: Device): Device {
  const change = { locked: false, wrongPins: 0 };
  if (device.state.state !== 'deviceLocked') return changed(device, change);
  const dark = darkened(device);
  if (device.profile.alwaysOn === undefined) return changed(dark, { ...change, state: 'asleep' });
  const litAt = deviceTimeAt(device, device.state.asOf);
  const shownFactor = factorAt(device, litAt);
  return changed(dark, { ...change, state: 'showing', litAt, shownFactor });
}

function changed(device: Device, change: Partial<DeviceState>): Device {
  return { ...device, state: { ...device.state, ...change } };
}
