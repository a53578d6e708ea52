import fc from 'fast-check';
import {
  advance,
  type PadKey,
  press,
  pressKey,
  programme,
  setTemperature,
} from '../../../emulator/device/device.ts';
import { clearFault, inject, resetFaults } from '../../../emulator/device/faults/inject.ts';
import type { Device } from '../../../emulator/device/types.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import {
  FAULT_NAMES,
  type FaultName,
  SECOND_PRESSES,
  type SecondPress,
} from '../../../firmware-spec/vocabulary.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { ALGORITHMS, DIGITS, type Seed, type UnixMillis } from '../../../shared/types.ts';
import { at, deviceWith, ENV } from './devices.ts';

/** Devices of every kind, and what may happen to them, for property tests. */

export const MADE = at('2026-01-01T00:00:00Z');

/** One thing that happens, so many milliseconds after the one before; negative: earlier. */
export type Doing = { readonly later: number } & (
  | { readonly what: 'press'; readonly holdMillis: number }
  | { readonly what: 'key'; readonly key: PadKey }
  | { readonly what: 'wait' | 'reset' | 'programme' }
  | { readonly what: 'temperature'; readonly celsius: number }
  | {
      readonly what: 'inject';
      readonly name: FaultName;
      readonly probability: number;
      readonly randomSeed: number;
    }
  | { readonly what: 'clear'; readonly name: FaultName }
);

const DAY = 24 * 3600 * 1000;
const YEAR = 365 * DAY;
const PAD_KEYS: readonly PadKey[] = ['1', '2', '3', '4', 'enter', 'enter'];

const boundaries = fc.constantFrom(0, 1, 4_999, 5_000, 9_999, 10_000, 29_999, 30_000, 30_001);
/** Short times, and now and then what is far away, earlier too. */
const shortTimes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
  { weight: 3, arbitrary: boundaries },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 * DAY }) },
  { weight: 1, arbitrary: fc.integer({ min: -60_000, max: -1 }) },
);
const anyTimes = fc.oneof(
  { weight: 4, arbitrary: shortTimes },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 * YEAR }) },
  { weight: 1, arbitrary: fc.integer({ min: -40 * YEAR, max: -1 }) },
);

const touches: fc.Arbitrary<Doing> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('press' as const),
      later: anyTimes,
      holdMillis: fc.constantFrom(0, 0, 0, 50, 2_000, 6_000, 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('key' as const),
      later: fc.nat(2_000),
      key: fc.constantFrom(...PAD_KEYS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('wait' as const), later: anyTimes }) },
);

/** Presses, keys and time alone. */
export const soundDoings: fc.Arbitrary<Doing[]> = fc.array(touches, { maxLength: 25 });

/** All that may happen. Times are short, so that no pocket presses a thousand times. */
export const anyDoings: fc.Arbitrary<Doing[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(touches, shortTimes)
        .map(([touch, later]) => ({ ...touch, later }) as Doing),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant('inject' as const),
        later: fc.nat(10_000),
        name: fc.constantFrom(...FAULT_NAMES),
        probability: fc.constantFrom(1, 1, 0.5, 0.01),
        randomSeed: fc.nat(1000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constant('clear' as const),
        later: fc.nat(10_000),
        name: fc.constantFrom(...FAULT_NAMES),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constant('temperature' as const),
        later: fc.nat(10_000),
        celsius: fc.integer({ min: -40, max: 80 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constantFrom('reset' as const, 'programme' as const),
        later: fc.nat(10_000),
      }),
    },
  ),
  { maxLength: 16 },
);

export const devices: fc.Arbitrary<Device> = fc
  .record({
    profile: fc.constantFrom(...Object.values(PROFILES)),
    secondPress: fc.constantFrom(...SECOND_PRESSES),
    seed: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    algorithm: fc.constantFrom(...ALGORITHMS),
    digits: fc.constantFrom(...DIGITS),
    stepSeconds: fc.oneof(fc.constantFrom(30, 60, 1), fc.integer({ min: 1, max: 3600 })),
    trimPpm: fc.oneof(fc.constant(0), fc.double({ min: -20, max: 20, noNaN: true })),
    ageingPpm: fc.constantFrom(0, 3, -3),
    mode: fc.constantFrom('live' as const, 'simulated' as const),
    counter: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
    chargeShare: fc.oneof(fc.constant(1), fc.double({ min: 0.0001, max: 1, noNaN: true })),
  })
  .map(({ profile, seed, algorithm, digits, stepSeconds, chargeShare, ...rest }) => {
    const { secondPress, trimPpm, ageingPpm, mode, counter } = rest;
    const isTime = profile.type === 'time';
    const device = deviceWith({
      profile: { ...profile, secondPress: possible(secondPress, profile) },
      seed: seed as Seed,
      at: MADE,
      mode,
      counter,
      physique: {
        trimPpm,
        ageingPpm,
        turnoverCelsius: 25,
        parabolicPpm: -0.034,
        cellShare: 1,
      },
      parameters: isTime
        ? { type: 'time', algorithm, digits, stepSeconds }
        : { type: 'event', algorithm, digits },
    });
    const chargeMicroampHours = device.state.chargeMicroampHours * chargeShare;
    return { ...device, state: { ...device.state, chargeMicroampHours } };
  });

/** To show the next code at once is for event tokens; what is always lit ignores a press. */
function possible(secondPress: SecondPress, { type, alwaysOn }: Device['profile']): SecondPress {
  if (alwaysOn !== undefined) return 'ignored';
  return type === 'time' && secondPress === 'showsNext' ? 'ignored' : secondPress;
}

/** What is seen of each thing that happened. */
export interface Seen {
  readonly before: Device;
  readonly after: Device;
  readonly now: UnixMillis;
  readonly doing: Doing;
}

/** Does all of it; `see` gets the device before and after each, and the time. */
export function live(made: Device, doings: readonly Doing[], see: (seen: Seen) => void): void {
  let device = made;
  let now: number = MADE;
  for (const doing of doings) {
    now += doing.later;
    const before = device;
    const time = now as UnixMillis;
    device = done(before, doing, time);
    see({ before, after: device, now: time, doing });
  }
}

function done(device: Device, doing: Doing, now: UnixMillis): Device {
  switch (doing.what) {
    case 'press':
      return press(device, now, ENV, { holdMillis: doing.holdMillis });
    case 'key':
      return device.profile.pin === undefined
        ? advance(device, now, ENV)
        : pressKey(device, now, doing.key, ENV);
    case 'wait':
      return advance(device, now, ENV);
    case 'temperature':
      return setTemperature(device, now, doing.celsius, ENV);
    case 'programme':
      return unlessRefused(device, now, () => programme(advance(device, now, ENV), now));
    case 'reset':
      return resetFaults(device, now, ENV);
    case 'inject':
      return unlessRefused(device, now, () => inject(device, now, doing, ENV));
    case 'clear':
      return unlessRefused(device, now, () => clearFault(device, now, doing.name, ENV));
  }
}

/** What cannot be done is said so, by code, and only time passes; any other error is one. */
function unlessRefused(device: Device, now: UnixMillis, act: () => Device): Device {
  try {
    return act();
  } catch (error) {
    const isRefusal =
      error instanceof FobtwinError &&
      (error.code === 'notAllowedNow' || error.code === 'invalidInput');
    if (isRefusal) return advance(device, now, ENV);
    throw error;
  }
}
