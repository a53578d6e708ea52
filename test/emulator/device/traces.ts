import { readFileSync } from 'node:fs';
import { advance, createDevice, press, read } from '../../../emulator/device/device.ts';
import type { Device, DeviceEnv } from '../../../emulator/device/types.ts';
import { PROFILES } from '../../../firmware-spec/profiles/profiles.ts';
import type { ProfileName, SecondPress, State } from '../../../firmware-spec/vocabulary.ts';
import type { Seed, Serial, TokenParameters } from '../../../shared/types.ts';
import { at } from './devices.ts';

/** firmware-spec/vectors/lifecycle.json, and how a device plays it. */

export interface Shown {
  readonly at: string;
  readonly state: State;
  readonly display: string;
  readonly marks: number;
  readonly remainingMillis: number | null;
}
export interface TraceLine extends Shown {
  readonly do: 'press' | 'read' | 'wait';
}
export interface Trace {
  readonly name: string;
  readonly from: string;
  readonly rules: readonly string[];
  readonly device: {
    readonly profile: ProfileName;
    /** In place of the profile's. */
    readonly secondPress?: SecondPress;
    readonly seed: string;
    readonly madeAt: string;
    readonly ratePpm?: number;
    readonly mode?: Device['mode'];
    readonly counter?: number;
    readonly parameters?: TokenParameters;
  };
  readonly lines: readonly TraceLine[];
}

const file = new URL('../../../firmware-spec/vectors/lifecycle.json', import.meta.url);
export const TRACES = (JSON.parse(readFileSync(file, 'utf8')) as { traces: Trace[] }).traces;

/** What shows after each line. */
export function play(trace: Trace, env: DeviceEnv): Shown[] {
  let device = made(trace);
  return trace.lines.map((line) => {
    const time = at(line.at);
    if (line.do === 'press') device = press(device, time, env);
    if (line.do === 'wait') device = advance(device, time, env);
    const { state, display, frame, remainingMillis } = read(device, time, env);
    return { at: line.at, state, display, marks: frame.marks, remainingMillis };
  });
}

/** What should show after each line. */
export function expected(trace: Trace): Shown[] {
  return trace.lines.map(({ do: _done, ...shown }) => shown);
}

function made({ device: { profile: name, secondPress, seed, madeAt, ...rest } }: Trace): Device {
  const profile = PROFILES[name];
  return createDevice({
    serial: 'T-1' as Serial,
    profile: { ...profile, secondPress: secondPress ?? profile.secondPress },
    seed: new Uint8Array(Buffer.from(seed, 'hex')) as Seed,
    at: at(madeAt),
    ...rest,
  });
}
