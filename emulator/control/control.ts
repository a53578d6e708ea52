import type { FaultName } from '../../firmware-spec/vocabulary.ts';
import type { Clock } from '../../shared/clock.ts';
import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import { formatTime, TIME_MAX } from '../../shared/time.ts';
import { parseUnixMillis, type Serial, type UnixMillis } from '../../shared/types.ts';
import { advance, type PadKey, press, pressKey, read, setTemperature } from '../device/device.ts';
import { clearFault, inject, resetFaults } from '../device/faults/inject.ts';
import type { Device, DeviceEnv } from '../device/types.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import type { Holder } from './holder.ts';
import type { Seen } from './views.ts';

/** What is done to devices from outside, each at its own time. */
export interface Control {
  /** Faults, temperature and time may be changed. */
  readonly qa: boolean;
  list(): Promise<readonly Seen[]>;
  look(serial: Serial): Promise<Seen>;
  /** The button is let go now, `holdMillis` (default 0) after it went down. */
  press(serial: Serial, options?: { readonly holdMillis?: number }): Promise<Seen>;
  /** Keys of the PIN pad one after the other: `0` to `9` and `enter`. */
  keys(serial: Serial, keys: readonly PadKey[]): Promise<Seen>;
  inject(serial: Serial, fault: FaultOrder): Promise<Seen>;
  clear(serial: Serial, name: FaultName): Promise<Seen>;
  reset(serial: Serial): Promise<Seen>;
  setTemperature(serial: Serial, celsius: number): Promise<Seen>;
  /** Lets time pass for one device; its time then runs ahead of the computer's clock. */
  advance(serial: Serial, millis: number): Promise<Seen>;
  /** Back to the computer's clock. What the device has lived through stays with it (FS-10). */
  returnToNow(serial: Serial): Promise<Seen>;
}

export interface FaultOrder {
  readonly name: FaultName;
  readonly attributes?: Readonly<Record<string, number | string | boolean>>;
  readonly probability?: number;
  readonly randomSeed?: number;
}

export interface ControlOptions {
  readonly holder: Holder;
  readonly clock: Clock;
  readonly env: DeviceEnv;
  /** Default false: the token is somebody's stand-in, and only pressed. */
  readonly qa?: boolean;
}

/** Changes of one device that may wait for each other. */
export const CHANGES_WAITING_MAX = 16;

export function createControl({ holder, clock, env, qa = false }: ControlOptions): Control {
  const times = createTimes(clock, qa);
  const waiting = new Map<Serial, number>();

  const see = (kept: KeptDevice): Seen => {
    const at = times.of(kept.device);
    const aheadMillis = times.aheadOf(kept.device);
    return { kept, reading: read(kept.device, at, env), aheadMillis };
  };
  type Change = (device: Device, at: UnixMillis) => Device;
  const change = async (serial: Serial, act: Change): Promise<Seen> => {
    const before = waiting.get(serial) ?? 0;
    if (before >= CHANGES_WAITING_MAX) throw tooMany(serial);
    waiting.set(serial, before + 1);
    try {
      return see(await holder.change(serial, (device) => act(device, times.of(device))));
    } finally {
      const left = (waiting.get(serial) ?? 1) - 1;
      if (left === 0) waiting.delete(serial);
      else waiting.set(serial, left);
    }
  };
  const qaChange = async (serial: Serial, act: Change): Promise<Seen> => {
    if (!qa) throw onlyInQa();
    return change(serial, act);
  };

  return {
    qa,
    list: async () => (await holder.list()).map(see),
    look: async (serial) => see(await holder.read(serial)),
    press: (serial, { holdMillis = 0 } = {}) =>
      change(serial, (device, at) =>
        press(device, Math.max(0, at - holdMillis) as UnixMillis, env, { holdMillis }),
      ),
    keys: (serial, keys) =>
      change(serial, (device, at) => {
        if (device.profile.pin === undefined) throw hasNoPad(serial);
        return keys.reduce((before, key) => pressKey(before, at, key, env), device);
      }),
    inject: (serial, fault) => qaChange(serial, (device, at) => inject(device, at, fault, env)),
    clear: (serial, name) => qaChange(serial, (device, at) => clearFault(device, at, name, env)),
    reset: (serial) => qaChange(serial, (device, at) => resetFaults(device, at, env)),
    setTemperature: (serial, celsius) =>
      qaChange(serial, (device, at) => setTemperature(device, at, celsius, env)),
    advance: (serial, millis) =>
      qaChange(serial, (device, at) => {
        checkSimulated(device);
        const to = laterBy(at, millis);
        const advanced = advance(device, to, env);
        times.setAhead(device, times.aheadOf(device) + millis);
        return advanced;
      }),
    async returnToNow(serial) {
      if (!qa) throw onlyInQa();
      const kept = await holder.read(serial);
      times.setAhead(kept.device, 0);
      return see(kept);
    },
  };
}

interface Times {
  of(device: Device): UnixMillis;
  aheadOf(device: Device): number;
  setAhead(device: Device, millis: number): void;
}

/** A life this much further on than the clock was led there by somebody, not by clocks apart. */
const LED_AHEAD_MILLIS = 60_000;

/**
 * A device's time is the computer's clock plus what this session has let pass for it. In QA mode a
 * device that has lived beyond the present goes on from there: its past is not played again.
 */
function createTimes(clock: Clock, qa: boolean): Times {
  const ahead = new Map<Serial, number>();
  const aheadOf = (device: Device): number => {
    if (!qa || device.mode === 'live') return 0;
    const known = ahead.get(device.serial);
    if (known !== undefined) return known;
    const lived = device.state.asOf - clock.now();
    const first = lived > LED_AHEAD_MILLIS ? lived : 0;
    ahead.set(device.serial, first);
    return first;
  };
  return {
    aheadOf,
    of: (device) => (clock.now() + aheadOf(device)) as UnixMillis,
    setAhead: (device, millis) => ahead.set(device.serial, millis),
  };
}

function laterBy(at: UnixMillis, millis: number): UnixMillis {
  const later = parseUnixMillis(at + millis);
  if (later !== undefined && later <= TIME_MAX) return later;
  const last = formatTime(TIME_MAX as UnixMillis);
  throw invalidInput('/by', 'tooLarge', `No time is later than ${last}`);
}

function checkSimulated({ mode, serial }: Device): void {
  if (mode === 'simulated') return;
  throw new FobtwinError('notAllowedNow', `${serial} is live: it follows the computer's clock`, {
    nextStep: 'Put its clock off with the fault clockOffset, or use a token of `fob make`.',
  });
}

function hasNoPad(serial: Serial): FobtwinError {
  return new FobtwinError('notAllowedNow', `${serial} has no PIN pad`, {
    nextStep: 'Press its button instead.',
  });
}

function onlyInQa(): FobtwinError {
  return new FobtwinError('forbidden', 'Here tokens are only pressed, not tampered with', {
    nextStep: 'Start it with `fob face --qa` to inject faults and to let time pass.',
  });
}

function tooMany(serial: Serial): FobtwinError {
  return new FobtwinError('tooManyRequests', `Too many commands wait for ${serial}`, {
    nextStep: 'Wait for each answer before the next command.',
  });
}
