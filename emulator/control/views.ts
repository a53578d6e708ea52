import { FAULT_CATALOGUE } from '../../firmware-spec/faults.ts';
import { FAULT_NAMES } from '../../firmware-spec/vocabulary.ts';
import { formatTime } from '../../shared/time.ts';
import { parseUnixMillis, type UnixMillis } from '../../shared/types.ts';
import { cellOf } from '../device/cell.ts';
import { deviceTimeAt } from '../device/crystal.ts';
import type { Device, Fault, Reading } from '../device/types.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import type { FaultKindView, FaultView, StateView, TokenView } from './wire.ts';

/** What is told of a device. The seed, the PIN and what is typed on the pad never are. */

export interface Seen {
  readonly kept: KeptDevice;
  readonly reading: Reading;
  /** By how much its time runs ahead of the computer's clock, in milliseconds. */
  readonly aheadMillis: number;
}

export function tokenView({ kept, reading, aheadMillis }: Seen): TokenView {
  const { device, labels } = kept;
  const { profile, parameters } = device;
  const { holdSeconds } = profile.button;
  return {
    serial: device.serial,
    profile: profile.name,
    title: profile.title,
    mode: device.mode,
    type: parameters.type,
    algorithm: parameters.algorithm,
    digits: parameters.digits,
    stepSeconds: parameters.type === 'time' ? parameters.stepSeconds : null,
    manufacturer: labels.manufacturer ?? null,
    issuer: labels.issuer ?? null,
    controls: controlsOf(device),
    holdMillis: holdSeconds === undefined ? null : holdSeconds * 1000,
    at: formatTime(reading.at),
    aheadMillis,
    state: reading.state,
    display: reading.display,
    code: reading.code,
    frame: reading.frame,
    remainingMillis: reading.remainingMillis,
    celsius: device.state.celsius,
    faults: device.faults.map(faultView),
  };
}

function controlsOf({ profile }: Device): TokenView['controls'] {
  if (profile.pin !== undefined) return 'pinPad';
  return profile.alwaysOn === undefined ? 'button' : 'none';
}

function faultView({ name, attributes, probability, randomSeed, since }: Fault): FaultView {
  return { name, attributes, probability, randomSeed, since: formatTime(since) };
}

export function stateView({ kept, reading, aheadMillis }: Seen): StateView {
  const { device } = kept;
  const { state } = device;
  const { share, volts, ohms } = cellOf(device);
  return {
    serial: device.serial,
    state: reading.state,
    at: formatTime(reading.at),
    asOf: formatTime(state.asOf),
    aheadMillis,
    madeAt: formatTime(device.madeAt),
    deviceTime: formatTime(wholeMillis(deviceTimeAt(device, reading.at))),
    offsetMillis: state.offsetMillis,
    counter: device.parameters.type === 'event' ? state.counter : null,
    presses: state.presses,
    celsius: state.celsius,
    chargeMicroampHours: state.chargeMicroampHours,
    cell: { share, volts, ohms },
    wrongPins: state.wrongPins,
    locked: state.locked,
    memoryLost: state.memoryLost,
    disabled: state.disabled,
  };
}

function wholeMillis(millis: number): UnixMillis {
  return parseUnixMillis(Math.floor(millis)) ?? (0 as UnixMillis);
}

/** What makes a person look up: everything but the running of time. */
export function lookOf(view: TokenView): string {
  return JSON.stringify({ ...view, at: null, remainingMillis: null });
}

/** The catalogue in the order of the specification. */
export function faultKinds(): FaultKindView[] {
  return FAULT_NAMES.map((name) => {
    const { person, server, attributes } = FAULT_CATALOGUE[name];
    const named = Object.entries(attributes).map(([attribute, shape]) => ({
      name: attribute,
      ...shape,
    }));
    return { name, person, server, attributes: named };
  });
}
