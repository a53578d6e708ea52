import { SHOWS } from '../../firmware-spec/display.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { INITIAL_STATE } from '../../firmware-spec/transitions.ts';
import { invalidInput } from '../../shared/errors.ts';
import type { Code, Seed, Serial, TokenParameters, UnixMillis } from '../../shared/types.ts';
import { age, deviceTimeAt, RATE_PPM_MAX, trueMillisUntil } from './crystal.ts';
import { countdownMarks, darkFrame, readFrame, segmentsOf } from './lcd.ts';
import { COUNTER_MAX, step } from './step.ts';
import { runTimers, shownUntil } from './timers.ts';
import type { Device, DeviceEnv, Frame, Reading } from './types.ts';

/** What the factory, or an import, fixes. */
export interface DeviceOptions {
  readonly serial: Serial;
  readonly profile: Profile;
  readonly seed: Seed;
  /** Default: the profile's. An import may bring its own, as far as the display can show them. */
  readonly parameters?: TokenParameters;
  /** Parts per million by which the crystal runs fast. Default 0: an ideal one. */
  readonly ratePpm?: number;
  /** Default `simulated`. */
  readonly mode?: Device['mode'];
  /** True time of the making: the device's clock is set to it. */
  readonly at: UnixMillis;
  /** Event tokens: the counter of the first code. Default 0. */
  readonly counter?: number;
}

/** @throws FobtwinError `invalidInput` naming what does not fit the profile */
export function createDevice(options: DeviceOptions): Device {
  const { serial, profile, seed, at, mode = 'simulated', ratePpm = 0, counter = 0 } = options;
  const parameters = options.parameters ?? parametersOf(profile);
  checkFit(profile, parameters);
  if (!(Math.abs(ratePpm) <= RATE_PPM_MAX)) {
    throw invalidInput('ratePpm', 'tooLarge', `A crystal is at most ${RATE_PPM_MAX} ppm off`);
  }
  if (!Number.isInteger(counter) || counter < 0 || counter > COUNTER_MAX) {
    throw invalidInput('counter', 'badFormat', 'A counter is an integer from 0 to 2^53 - 1');
  }
  const state = { state: INITIAL_STATE, asOf: at, offsetMillis: 0, counter, presses: 0 };
  return { serial, profile, mode, parameters, seed, ratePpm, state };
}

/** How a device of this model makes codes unless told otherwise. */
export function parametersOf({ type, algorithm, digits, stepSeconds }: Profile): TokenParameters {
  if (type === 'event') return { type, algorithm, digits };
  if (stepSeconds === undefined) {
    throw invalidInput('stepSeconds', 'required', 'A time profile says how long its step is');
  }
  return { type, algorithm, digits, stepSeconds };
}

/**
 * Time passes: the crystal drifts, the display refreshes and goes dark. To an earlier time than
 * `asOf` nothing passes.
 */
export function advance(device: Device, to: UnixMillis, env: DeviceEnv): Device {
  return to < device.state.asOf ? device : seenAt(device, to, env);
}

/**
 * The button is pressed and let go at true time `at`, which may be earlier than `asOf` (FS-10):
 * the display is then as it was at that time, and the press ages nothing.
 */
export function press(device: Device, at: UnixMillis, env: DeviceEnv): Device {
  const before = seenAt(device, at, env);
  const happening = { event: 'press', deviceTime: deviceTimeAt(before, at) } as const;
  const after = step(before, happening, env).device;
  const { state } = after;
  return { ...after, state: { ...state, pressedAt: at, presses: state.presses + 1 } };
}

/** What can be known of the device at true time `at`. Changes nothing. */
export function read(device: Device, at: UnixMillis, env: DeviceEnv): Reading {
  const seen = seenAt(device, at, env);
  const { state, shownFactor } = seen.state;
  const code =
    SHOWS[state].cells === 'code' && shownFactor !== undefined
      ? env.otp.code(seen.seed, shownFactor, seen.parameters)
      : null;
  const deviceTime = deviceTimeAt(seen, at);
  const frame = frameOf(seen, code, deviceTime);
  const until = shownUntil(seen);
  const remainingMillis = until === undefined ? null : Math.ceil(trueMillisUntil(seen, at, until));
  return { at, state, frame, display: readFrame(frame), code, remainingMillis };
}

/** The device as it is at true time `at`. */
function seenAt(device: Device, at: UnixMillis, env: DeviceEnv): Device {
  const aged = age(device, at);
  return runTimers(aged, deviceTimeAt(aged, at), env);
}

function frameOf({ state, profile, parameters }: Device, code: Code | null, time: number): Frame {
  const { cells, countdownMarks: marksMax } = profile.display;
  const shows = SHOWS[state.state];
  if (!shows.lit) return darkFrame({ cells, marksMax });
  const marks =
    shows.marks === 'countdown' && parameters.type === 'time'
      ? countdownMarks(time, { stepSeconds: parameters.stepSeconds, marksMax })
      : 0;
  return { lit: true, cells: segmentsOf(code ?? '', cells), marks, marksMax };
}

/** FS-24: type as the profile's, digits no more than cells, a step of 1 to 3600 s. */
function checkFit(profile: Profile, parameters: TokenParameters): void {
  if (parameters.type !== profile.type) {
    throw invalidInput('type', 'notAllowed', `A ${profile.name} is of type ${profile.type}`, {
      nextStep: 'Choose a profile of the same type as the token.',
    });
  }
  if (parameters.digits > profile.display.cells) {
    throw invalidInput(
      'digits',
      'tooLarge',
      `A ${profile.name} has ${profile.display.cells} cells`,
    );
  }
  if (parameters.type === 'event') return;
  const { stepSeconds } = parameters;
  if (!Number.isInteger(stepSeconds) || stepSeconds < 1 || stepSeconds > 3600) {
    throw invalidInput('stepSeconds', 'badFormat', 'A step is 1 to 3600 whole seconds');
  }
}
