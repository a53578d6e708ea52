import { readFileSync } from 'node:fs';
import {
  advance,
  createDevice,
  type PadKey,
  press,
  pressKey,
  programme,
  read,
  setTemperature,
} from '../../../emulator/device/device.ts';
import { IDEAL_PHYSIQUE } from '../../../emulator/device/factory.ts';
import { clearFault, inject } from '../../../emulator/device/faults/inject.ts';
import type { Device, DeviceEnv } from '../../../emulator/device/types.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import type {
  FaultName,
  Icon,
  ProfileName,
  SecondPress,
  State,
} from '../../../firmware-spec/vocabulary.ts';
import type { Seed, Serial, TokenParameters, UnixMillis } from '../../../shared/types.ts';
import { at } from './devices.ts';

/** firmware-spec/vectors/lifecycle.json, and how a device plays it. */

export interface Shown {
  readonly at: string;
  readonly state: State;
  readonly display: string;
  readonly marks: number;
  readonly remainingMillis: number | null;
  /** Only where some show. */
  readonly icons?: readonly Icon[];
}
export interface TraceLine extends Shown {
  readonly do:
    | 'press'
    | 'read'
    | 'wait'
    | 'keys'
    | 'temperature'
    | 'inject'
    | 'clear'
    | 'programme';
  /** `press`: how long the button is held, in milliseconds. What shows is then seen after it. */
  readonly holdMillis?: number;
  /** `keys`: digits, and `E` for the enter key. */
  readonly keys?: string;
  readonly celsius?: number;
  readonly fault?: FaultName;
  readonly counter?: number;
}
export interface Trace {
  readonly name: string;
  readonly from: string;
  readonly rules: readonly string[];
  readonly device: {
    readonly profile: ProfileName;
    readonly serial?: string;
    /** In place of the profile's. */
    readonly secondPress?: SecondPress;
    /** In place of none: another model's PIN pad. */
    readonly pinOf?: ProfileName;
    readonly seed: string;
    readonly madeAt: string;
    readonly ratePpm?: number;
    readonly mode?: Device['mode'];
    readonly counter?: number;
    readonly parameters?: TokenParameters;
    /** What is left of the cell, 0 to 1; default 1. */
    readonly cellShare?: number;
  };
  readonly lines: readonly TraceLine[];
}

const file = new URL('../../../firmware-spec/vectors/lifecycle.json', import.meta.url);
export const TRACES = (JSON.parse(readFileSync(file, 'utf8')) as { traces: Trace[] }).traces;

/** What shows after each line. */
export function play(trace: Trace, env: DeviceEnv): Shown[] {
  return playAll(trace, env).map(({ shown }) => shown);
}

/** What shows after each line, and the device as it then is, which nobody sees whole. */
export function playAll(trace: Trace, env: DeviceEnv): { shown: Shown; device: Device }[] {
  let device = made(trace);
  return trace.lines.map((line) => {
    const time = at(line.at);
    device = DO[line.do](device, time, line, env);
    const seenAt = (time + (line.holdMillis ?? 0)) as UnixMillis;
    const { state, display, frame, remainingMillis } = read(device, seenAt, env);
    const { marks, icons } = frame;
    const shown = { at: line.at, state, display, marks, remainingMillis };
    return { shown: icons.length === 0 ? shown : { ...shown, icons }, device };
  });
}

/** What should show after each line. */
export function expected(trace: Trace): Shown[] {
  return trace.lines.map(({ at, state, display, marks, remainingMillis, icons }) => {
    const shown = { at, state, display, marks, remainingMillis };
    return icons === undefined ? shown : { ...shown, icons };
  });
}

type Do = (device: Device, time: UnixMillis, line: TraceLine, env: DeviceEnv) => Device;

const DO: Readonly<Record<TraceLine['do'], Do>> = {
  read: (device) => device,
  wait: (device, time, _line, env) => advance(device, time, env),
  press: (device, time, { holdMillis = 0 }, env) => press(device, time, env, { holdMillis }),
  keys: (device, time, { keys = '' }, env) =>
    [...keys].reduce(
      (before, key) => pressKey(before, time, key === 'E' ? 'enter' : (key as PadKey), env),
      device,
    ),
  temperature: (device, time, { celsius = 25 }, env) => setTemperature(device, time, celsius, env),
  inject: (device, time, { fault }, env) => inject(device, time, { name: named(fault) }, env),
  clear: (device, time, { fault }, env) => clearFault(device, time, named(fault), env),
  programme: (device, time, { counter }) =>
    programme(device, time, counter === undefined ? {} : { counter }),
};

function named(fault: FaultName | undefined): FaultName {
  if (fault === undefined) throw new Error('the line names no fault');
  return fault;
}

function made({ device: { profile: name, seed, madeAt, ...rest } }: Trace): Device {
  const { serial = 'T-1', secondPress, pinOf, ratePpm = 0, cellShare = 1, ...options } = rest;
  const { pin } = PROFILES[pinOf ?? name];
  const model = { ...PROFILES[name], ...(pin === undefined ? {} : { pin }) };
  const device = createDevice({
    serial: serial as Serial,
    profile: { ...model, secondPress: secondPress ?? model.secondPress },
    seed: new Uint8Array(Buffer.from(seed, 'hex')) as Seed,
    at: at(madeAt),
    physique: { ...IDEAL_PHYSIQUE, trimPpm: ratePpm },
    ...options,
  });
  const chargeMicroampHours = device.state.chargeMicroampHours * cellShare;
  return { ...device, state: { ...device.state, chargeMicroampHours } };
}
