import { YEAR_MILLIS } from '../../firmware-spec/physics.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { cellOf } from './cell.ts';
import { menuItemOf } from './menu.ts';
import { type Happening, step } from './step.ts';
import type { Device, DeviceEnv } from './types.ts';

/** What time alone makes happen: ends of steps, of messages, of display times, of the device. */

/** More than can follow each other: message, step, display. A limit, not a behaviour. */
const EVENTS_MAX = 8;

/**
 * Brings the device to device time `to`: what time made happen meanwhile, in order. `to` may be
 * earlier than before: a display that was lit only later is then dark, one that was already lit
 * shows the step that ran then (FS-10).
 */
export function runTimers(device: Device, to: number, env: DeviceEnv): Device {
  const own = ownEvent(device, to);
  let current = own === undefined ? device : step(device, happening(device, own, to), env).device;
  for (let left = EVENTS_MAX; left > 0; left -= 1) {
    const due = nextDue(current, to);
    if (due === undefined) return current;
    const next = step(current, due, env).device;
    // A table without a row for it leaves the device as it is, for ever.
    if (next === current) return current;
    current = next;
  }
  return current;
}

/** Device time at which what shows is replaced or goes dark; undefined when it is not known to. */
export function shownUntil(device: Device, now: number): number | undefined {
  const tick = menuItemOf(device) === 'time' ? (Math.floor(now / 1000) + 1) * 1000 : Infinity;
  const until = Math.min(
    darkensAt(device),
    messageEndsAt(device),
    stepEndsAt(device),
    expiresAt(device),
    tick,
  );
  return until === Infinity ? undefined : until;
}

/** Device time of the end that is built in (FS-56); never for most. */
function expiresAt({ profile, state, madeAt }: Device): number {
  if (profile.alwaysOn === undefined || state.litAt === undefined) return Infinity;
  return madeAt + profile.alwaysOn.years * YEAR_MILLIS;
}

/** The first timer's event that is due at `to` but has not happened. */
function nextDue(device: Device, to: number): Happening | undefined {
  const { litAt } = device.state;
  if (litAt === undefined) return undefined;
  const isAlwaysOn = device.profile.alwaysOn !== undefined;
  if (to < litAt && !isAlwaysOn) return happening(device, 'displayTimeOver', to);
  // Earlier than it has seen: the step that ran then, as from its own beginning (FS-82).
  if (to < stepBeganAt(device)) return happening(device, 'stepBegins', lastStepAt(device, to));
  const darkAt = darkensAt(device);
  const messageEnd = messageEndsAt(device);
  const stepEnd = stepEndsAt(device);
  // At one instant the display's time comes first, then the message's, then the step (FS-19).
  if (darkAt <= Math.min(to, messageEnd, stepEnd))
    return happening(device, 'displayTimeOver', darkAt);
  if (messageEnd <= Math.min(to, stepEnd)) return happening(device, 'messageTimeOver', messageEnd);
  // However many steps have begun, the last alone is seen.
  return stepEnd <= to
    ? happening(device, 'stepBegins', lastStepAt(device, Math.min(to, darkAt)))
    : undefined;
}

/** What follows from its device time is the same however often the device is looked at. */
function happening({ state }: Device, event: Happening['event'], deviceTime: number): Happening {
  const at = Math.floor(deviceTime) as UnixMillis;
  const trueTime = Math.round(deviceTime - state.offsetMillis) as UnixMillis;
  return { event, deviceTime, at, trueTime };
}

/** What the device does by itself, the gravest first (FS-52 to FS-56). */
function ownEvent(device: Device, to: number): Happening['event'] | undefined {
  const { state, memoryLost, disabled } = device.state;
  if (state === 'dead') return undefined;
  if (cellOf(device).isEmpty) return 'cellEmpty';
  if (state === 'expired' || state === 'erased') return undefined;
  if (memoryLost) return 'memoryFails';
  if (state === 'disabled') return undefined;
  if (disabled) return 'disablesItself';
  return to >= expiresAt(device) ? 'expiryReached' : undefined;
}

function darkensAt({ state, profile }: Device): number {
  if (state.litAt === undefined || profile.alwaysOn !== undefined) return Infinity;
  return state.litAt + profile.display.litSeconds * 1000;
}

function messageEndsAt({ state, profile }: Device): number {
  if (state.messageAt === undefined) return Infinity;
  return state.messageAt + profile.display.messageSeconds * 1000;
}

/** When the step whose code shows began: always past for an event token. */
function stepBeganAt({ state, parameters }: Device): number {
  if (parameters.type === 'event' || state.shownFactor === undefined) return -Infinity;
  return state.shownFactor * parameters.stepSeconds * 1000;
}

/** When the step whose code shows ends: never for an event token. */
function stepEndsAt({ state, parameters }: Device): number {
  if (parameters.type === 'event' || state.shownFactor === undefined) return Infinity;
  return (state.shownFactor + 1) * parameters.stepSeconds * 1000;
}

/** When the step that runs at `to` began. */
function lastStepAt({ parameters }: Device, to: number): number {
  if (parameters.type === 'event') return to;
  const stepMillis = parameters.stepSeconds * 1000;
  return Math.floor(to / stepMillis) * stepMillis;
}
