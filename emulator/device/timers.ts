import { type Happening, step } from './step.ts';
import type { Device, DeviceEnv } from './types.ts';

/** The device's two timers: end of the step, end of the display's time. Both sleep in the dark. */

/**
 * Brings the display to device time `to`: what the timers made happen meanwhile, in order. `to`
 * may be earlier than before: a display that was lit only later is then dark, one that was already
 * lit shows the step that ran then (FS-10).
 */
export function runTimers(device: Device, to: number, env: DeviceEnv): Device {
  let current = device;
  for (let left = timerEventsMax(device); left > 0; left -= 1) {
    const due = nextDue(current, to);
    if (due === undefined) return current;
    current = step(current, due, env).device;
  }
  return current;
}

/** Device time at which the shown code is replaced or goes dark; undefined while it is dark. */
export function shownUntil(device: Device): number | undefined {
  const darkAt = darkensAt(device);
  return darkAt === undefined ? undefined : Math.min(darkAt, stepEndsAt(device));
}

/** The first timer event that is due at `to` but has not happened. */
function nextDue(device: Device, to: number): Happening | undefined {
  const { litAt } = device.state;
  const darkAt = darkensAt(device);
  if (litAt === undefined || darkAt === undefined) return undefined;
  if (to < litAt) return { event: 'displayTimeOver', deviceTime: to };
  if (to < stepBeganAt(device)) return { event: 'stepBegins', deviceTime: to };
  const stepEnd = stepEndsAt(device);
  // At one instant the display's time comes first (FS-19).
  if (darkAt <= Math.min(to, stepEnd)) return { event: 'displayTimeOver', deviceTime: darkAt };
  return stepEnd <= to ? { event: 'stepBegins', deviceTime: stepEnd } : undefined;
}

function darkensAt({ state, profile }: Device): number | undefined {
  return state.litAt === undefined ? undefined : state.litAt + profile.display.litSeconds * 1000;
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

/** A display is lit for a while only, so only so many steps can begin in it. */
function timerEventsMax({ profile, parameters }: Device): number {
  const steps =
    parameters.type === 'time' ? profile.display.litSeconds / parameters.stepSeconds : 0;
  return Math.ceil(steps) + 3;
}
