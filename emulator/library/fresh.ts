import { invalidInput } from '../../shared/errors.ts';
import { timeStepAt } from '../../shared/otp.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { deviceTimeAt, trueMillisUntil } from '../device/crystal.ts';
import type { Device } from '../device/types.ts';
import type { Span } from './times.ts';

export interface FreshOptions {
  /** How long the code must still have to live when it shows. Default 0. */
  readonly minRemaining?: Span;
}

/**
 * True time of the next press that shows a new code with `minMillis` to live.
 *
 * Of a time token: now, if its step is not one whose code has been shown and lasts so long; else
 * the start of the next step. Of an event token: now, since each press shows a new code.
 */
export function freshMoment(device: Device, minMillis: number): UnixMillis {
  const { parameters, state } = device;
  if (parameters.type === 'event') return state.asOf;
  const stepMillis = parameters.stepSeconds * 1000;
  if (minMillis > stepMillis) {
    throw invalidInput('minRemaining', 'tooLarge', `A code lives at most ${stepMillis} ms`);
  }
  const deviceTime = deviceTimeAt(device, state.asOf);
  const step = timeStepAt(Math.floor(deviceTime) as UnixMillis, parameters);
  const endsAt = (step + 1) * stepMillis;
  const isShown = state.shownFactor === step || wasPressedIn(device, step);
  if (!isShown && endsAt - deviceTime >= minMillis) return state.asOf;
  const wait = Math.ceil(trueMillisUntil(device, state.asOf, endsAt));
  return (state.asOf + Math.max(1, wait)) as UnixMillis;
}

/** Was its button pressed in this time step? The code that showed then may have been used. */
function wasPressedIn({ parameters, state, ...device }: Device, step: number): boolean {
  if (parameters.type === 'event' || state.pressedAt === undefined) return false;
  const { pressedAt } = state;
  const pressedInDeviceTime = deviceTimeAt({ parameters, state, ...device }, pressedAt);
  return timeStepAt(Math.floor(pressedInDeviceTime) as UnixMillis, parameters) === step;
}
