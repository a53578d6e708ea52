import { TRANSITIONS } from '../../firmware-spec/transitions.ts';
import type { DeviceEvent, Effect, Guard } from '../../firmware-spec/vocabulary.ts';
import { timeStepAt } from '../../shared/otp.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Device, DeviceEnv, DeviceState } from './types.ts';

/** One event, at one device time (milliseconds). */
export interface Happening {
  readonly event: DeviceEvent;
  readonly deviceTime: number;
}

export interface Stepped {
  readonly device: Device;
  /** What was done, in order; empty also when the table has no row for the event. */
  readonly effects: readonly Effect[];
}

/** The last counter a device reaches; it stays there (FS-14). */
export const COUNTER_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Interprets the transition table: the one row for the device's state and the event whose guard
 * holds. No row, no change (FS-6).
 */
export function step(device: Device, happening: Happening, env: DeviceEnv): Stepped {
  const row = (env.transitions ?? TRANSITIONS).find(
    ({ from, event, guard }) =>
      from === device.state.state && event === happening.event && HOLDS[guard](device),
  );
  if (row === undefined) return { device, effects: [] };
  const state = row.effects.reduce(
    (before, effect) => DO[effect](before, device, happening.deviceTime),
    device.state,
  );
  return { device: { ...device, state: { ...state, state: row.to } }, effects: row.effects };
}

/** Does a guard hold for a device. Total over the vocabulary. */
const HOLDS: Readonly<Record<Guard, (device: Device) => boolean>> = {
  always: () => true,
  timeToken: ({ parameters }) => parameters.type === 'time',
  eventToken: ({ parameters }) => parameters.type === 'event',
  pressDarkens: ({ profile }) => profile.secondPress === 'darkens',
  pressIgnored: ({ profile }) => profile.secondPress === 'ignored',
  pressShowsNext: ({ profile }) => profile.secondPress === 'showsNext',
};

type DoEffect = (state: DeviceState, device: Device, deviceTime: number) => DeviceState;

/** What an effect changes. Total over the vocabulary. */
const DO: Readonly<Record<Effect, DoEffect>> = {
  computeCode: (state, { parameters }, deviceTime) => ({
    ...state,
    shownFactor:
      parameters.type === 'event'
        ? state.counter
        : timeStepAt(Math.floor(deviceTime) as UnixMillis, parameters),
  }),
  advanceCounter: (state) => ({ ...state, counter: Math.min(state.counter + 1, COUNTER_MAX) }),
  lightDisplay: (state, _device, deviceTime) => ({ ...state, litAt: deviceTime }),
  darkenDisplay: ({ shownFactor: _shown, litAt: _lit, ...state }) => state,
};
