import { AMBIENT_CELSIUS } from '../../firmware-spec/physics.ts';
import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import { INITIAL_STATE } from '../../firmware-spec/transitions.ts';
import type { FaultName } from '../../firmware-spec/vocabulary.ts';
import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { Seed, Serial, TokenParameters, UnixMillis } from '../../shared/types.ts';
import { capacityOf } from './cell.ts';
import { deviceTimeAt, trueMillisUntil } from './crystal.ts';
import { IDEAL_PHYSIQUE } from './factory.ts';
import { type Contact, contactsOf, spontaneousPresses } from './faults/effects.ts';
import {
  checkCelsius,
  checkCounter,
  checkFit,
  checkHold,
  checkPhysique,
  checkProfile,
  checkTime,
} from './fit.ts';
import { readFrame } from './lcd.ts';
import { passTime } from './physics.ts';
import { codeOf, frameOf } from './shown.ts';
import { darkened, factorAt, step } from './step.ts';
import { runTimers, shownUntil } from './timers.ts';
import type { Device, DeviceEnv, Physique, Reading } from './types.ts';

/** What the factory, or an import, fixes. */
export interface DeviceOptions {
  readonly serial: Serial;
  readonly profile: Profile;
  readonly seed: Seed;
  /** Default: the profile's. An import may bring its own, as far as the display can show them. */
  readonly parameters?: TokenParameters;
  /** What the factory's tolerances made of it. Default: an ideal one, without drift. */
  readonly physique?: Physique;
  /** Default `simulated`. */
  readonly mode?: Device['mode'];
  /** True time of the making: the device's clock is set to it. */
  readonly at: UnixMillis;
  /** Event tokens: the counter of the first code. Default 0. */
  readonly counter?: number;
  /** Ambient temperature, degrees Celsius. Default 25. */
  readonly celsius?: number;
}

/** @throws FobtwinError `invalidInput` naming what does not fit the profile, or cannot be at all */
export function createDevice(options: DeviceOptions): Device {
  const { serial, profile, seed, at, mode = 'simulated', counter = 0 } = options;
  const { physique = IDEAL_PHYSIQUE, celsius = AMBIENT_CELSIUS } = options;
  checkProfile(profile);
  const parameters = options.parameters ?? parametersOf(profile);
  checkFit(profile, parameters);
  checkTime(at);
  checkPhysique(physique);
  checkCelsius(celsius);
  checkCounter(counter);
  const state: Device['state'] = {
    state: INITIAL_STATE,
    asOf: at,
    offsetMillis: 0,
    celsius,
    chargeMicroampHours: capacityOf(profile, physique),
    counter,
    wrongPins: 0,
    locked: false,
    challenge: 0,
    memoryLost: false,
    disabled: false,
    presses: 0,
  };
  return awake({
    serial,
    profile,
    mode,
    parameters,
    seed,
    madeAt: at,
    physique,
    faults: [],
    state,
  });
}

/** How a device of this model makes codes unless told otherwise. */
export function parametersOf({ type, algorithm, digits, stepSeconds }: Profile): TokenParameters {
  if (type === 'event') return { type, algorithm, digits };
  if (stepSeconds === undefined) {
    throw invalidInput('stepSeconds', 'required', 'A time profile says how long its step is');
  }
  return { type, algorithm, digits, stepSeconds };
}

/** FS-4: what is always lit is so from the first moment on; FS-57: locked, it shows that. */
function awake(device: Device): Device {
  if (device.profile.alwaysOn === undefined) return device;
  const litAt = deviceTimeAt(device, device.state.asOf);
  if (device.state.locked) {
    return { ...device, state: { ...device.state, state: 'deviceLocked', litAt } };
  }
  const shownFactor = factorAt(device, litAt);
  return { ...device, state: { ...device.state, state: 'showing', shownFactor, litAt } };
}

/**
 * Time passes: the crystal drifts, the cell wears, the display refreshes and goes dark, and a
 * button that a fault presses is pressed. To an earlier time than `asOf` nothing passes.
 *
 * @throws FobtwinError `invalidInput` for what is no time
 */
export function advance(device: Device, to: UnixMillis, env: DeviceEnv): Device {
  checkTime(to);
  return to < device.state.asOf ? device : seenAt(device, to, env);
}

export interface PressOptions {
  /** How long the button is held, in milliseconds; default 0, a tap. */
  readonly holdMillis?: number;
}

/**
 * The button is pressed at true time `at`, which may be earlier than `asOf` (FS-10): the display is
 * then as it was at that time, and the press ages nothing. A code shows at once; where the button
 * is held for the profile's `holdSeconds`, the menu shows from that later moment on (FS-35).
 *
 * @throws FobtwinError `invalidInput` for what is no time, or no time that a button is held for
 */
export function press(
  device: Device,
  at: UnixMillis,
  env: DeviceEnv,
  { holdMillis = 0 }: PressOptions = {},
): Device {
  checkTime(at);
  checkHold(holdMillis);
  const before = seenAt(device, at, env);
  const contacts = debounced(contactsOf(before, at, holdMillis), before.profile);
  const after = contacts.reduce((touched, contact) => {
    const settled = contact.at === at ? touched : settledAt(touched, contact.at, env);
    return touch(settled, contact, env);
  }, before);
  return withPressCounted(after, at);
}

/**
 * A key of the PIN pad. Digits are entered one by one, `enter` ends the entry; what is lit by no
 * press before takes none.
 *
 * @throws FobtwinError `invalidInput` where the model has no PIN pad, or the pad no such key
 */
export function pressKey(device: Device, at: UnixMillis, key: PadKey, env: DeviceEnv): Device {
  checkTime(at);
  const { name, pin } = device.profile;
  if (pin === undefined) {
    throw invalidInput('key', 'notAllowed', `A ${name} has no PIN pad`, {
      nextStep: 'Choose a token with one: p30.',
    });
  }
  if (!PAD_KEY.test(key)) throw invalidInput('key', 'badFormat', 'A key is 0 to 9 or enter');
  const before = seenAt(device, at, env);
  const deviceTime = deviceTimeAt(before, at);
  const happening =
    key === 'enter'
      ? ({ event: 'enter', deviceTime, at } as const)
      : ({ event: 'digit', deviceTime, at, digit: key } as const);
  const after = step(before, happening, env).device;
  const isUnlocked = before.state.locked && !after.state.locked;
  return isUnlocked ? withoutFault(after, 'deviceLock') : after;
}

/** FS-96: what an unlock code has lifted is not wrong with the device any more. */
function withoutFault(device: Device, gone: FaultName): Device {
  return { ...device, faults: device.faults.filter(({ name }) => name !== gone) };
}

/** A key of the PIN pad. */
export type PadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | 'enter';
const PAD_KEY = /^(?:[0-9]|enter)$/;

/**
 * The device is brought where it is warmer or colder, degrees Celsius; what passed until then
 * passed at the temperature before. At an earlier time than `asOf` it is so from `asOf` on.
 *
 * @throws FobtwinError `invalidInput` where no device can be
 */
export function setTemperature(
  device: Device,
  at: UnixMillis,
  celsius: number,
  env: DeviceEnv,
): Device {
  checkCelsius(celsius);
  const before = advance(device, at, env);
  return { ...before, state: { ...before.state, celsius } };
}

export interface Programming {
  /** Default: the seed it has. */
  readonly seed?: Seed;
  /** Default: the counter it has; this alone may set it back (FS-14). */
  readonly counter?: number;
}

/**
 * The device is programmed anew, as its maker or an NFC tool does: its clock is set right and its
 * display goes dark (FS-58). Presses that a fault makes until then are lost: advance first.
 *
 * @throws FobtwinError `notAllowedNow` for a device that has ended for good
 */
export function programme(
  device: Device,
  at: UnixMillis,
  { seed = device.seed, counter = device.state.counter }: Programming = {},
): Device {
  checkTime(at);
  checkCounter(counter);
  const { state } = device.state;
  if (state === 'dead' || state === 'erased' || state === 'disabled' || state === 'expired') {
    throw new FobtwinError('notAllowedNow', `${device.serial} is ${state} and stays so`, {
      nextStep: 'Make a new token.',
    });
  }
  const passed = darkened(passTime(device, at));
  return awake({
    ...passed,
    seed,
    madeAt: at,
    state: { ...passed.state, state: INITIAL_STATE, offsetMillis: 0, counter },
  });
}

/** What can be known of the device at true time `at`. Changes nothing. */
export function read(device: Device, at: UnixMillis, env: DeviceEnv): Reading {
  checkTime(at);
  const seen = seenAt(device, at, env);
  const deviceTime = deviceTimeAt(seen, at);
  const code = codeOf(seen, at, env);
  const frame = frameOf(seen, { code, at, deviceTime }, env);
  const { state } = seen.state;
  const remainingMillis = remainingOf(seen, at, deviceTime);
  return { at, state, frame, display: readFrame(frame), code, remainingMillis };
}

/** Null also while a clock stands: what shows is then replaced at no time that is known. */
function remainingOf(device: Device, at: UnixMillis, deviceTime: number): number | null {
  const until = shownUntil(device, deviceTime);
  if (until === undefined) return null;
  const millis = Math.ceil(trueMillisUntil(device, at, until));
  return Number.isFinite(millis) ? Math.max(0, millis) : null;
}

/** The device as it is at true time `at`. */
function seenAt(device: Device, at: UnixMillis, env: DeviceEnv): Device {
  let current = device;
  for (const contactAt of spontaneousPresses(device, device.state.asOf, at)) {
    const before = settledAt(current, contactAt, env);
    current = withPressCounted(touch(before, { at: contactAt, holdMillis: 0 }, env), contactAt);
  }
  return settledAt(current, at, env);
}

/** What time alone makes of the device. */
function settledAt(device: Device, at: UnixMillis, env: DeviceEnv): Device {
  const passed = passTime(device, at);
  return runTimers(passed, deviceTimeAt(passed, at), env);
}

/** One press of a settled device: noticed at once, and again when it has been held (FS-35). */
function touch(device: Device, { at, holdMillis }: Contact, env: DeviceEnv): Device {
  const deviceTime = deviceTimeAt(device, at);
  const pressed = step(device, { event: 'press', deviceTime, at }, env).device;
  const { holdSeconds } = device.profile.button;
  const opensAfter = holdSeconds === undefined ? Infinity : holdSeconds * 1000;
  if (holdMillis < opensAfter) return pressed;
  const heldAt = (at + opensAfter) as UnixMillis;
  checkTime(heldAt);
  const held = settledAt(pressed, heldAt, env);
  const happening = { event: 'hold', deviceTime: deviceTimeAt(held, heldAt), at: heldAt } as const;
  return step(held, happening, env).device;
}

/** FS-34: contacts that follow each other within the debounce time are one. */
function debounced(contacts: readonly Contact[], { button }: Profile): readonly Contact[] {
  const presses: Contact[] = [];
  for (const contact of contacts) {
    const last = presses.at(-1);
    if (last === undefined || contact.at - endOf(last) >= button.debounceMillis) {
      presses.push(contact);
    } else {
      const holdMillis = Math.max(endOf(last), endOf(contact)) - last.at;
      presses[presses.length - 1] = { at: last.at, holdMillis };
    }
  }
  return presses;
}

const endOf = ({ at, holdMillis }: Contact): number => at + holdMillis;

function withPressCounted(device: Device, at: UnixMillis): Device {
  const { state } = device;
  return { ...device, state: { ...state, pressedAt: at, presses: state.presses + 1 } };
}
