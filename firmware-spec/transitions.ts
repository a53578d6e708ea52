import type { DeviceEvent, Effect, Guard, State } from './vocabulary.ts';

/** One row of the table: in state `from`, on `event`, if `guard` holds, do `effects`, go `to`. */
export interface Transition {
  readonly from: State;
  readonly event: DeviceEvent;
  readonly guard: Guard;
  readonly to: State;
  /** In order. */
  readonly effects: readonly Effect[];
  /** The rule of README.md that the row follows. */
  readonly rule: `FS-${number}`;
}

/** How a device leaves the factory. */
export const INITIAL_STATE: State = 'asleep';

/** The whole behaviour of the device. For a state and an event at most one guard holds (FS-6). */
export const TRANSITIONS: readonly Transition[] = [
  {
    from: 'asleep',
    event: 'press',
    guard: 'timeToken',
    to: 'showing',
    effects: ['computeCode', 'lightDisplay'],
    rule: 'FS-12',
  },
  {
    from: 'asleep',
    event: 'press',
    guard: 'eventToken',
    to: 'showing',
    effects: ['computeCode', 'advanceCounter', 'lightDisplay'],
    rule: 'FS-13',
  },
  {
    from: 'showing',
    event: 'press',
    guard: 'pressIgnored',
    to: 'showing',
    effects: [],
    rule: 'FS-15',
  },
  {
    from: 'showing',
    event: 'press',
    guard: 'pressDarkens',
    to: 'asleep',
    effects: ['darkenDisplay'],
    rule: 'FS-15',
  },
  {
    from: 'showing',
    event: 'press',
    guard: 'pressShowsNext',
    to: 'showing',
    effects: ['computeCode', 'advanceCounter', 'lightDisplay'],
    rule: 'FS-15',
  },
  {
    from: 'showing',
    event: 'stepBegins',
    guard: 'timeToken',
    to: 'showing',
    effects: ['computeCode'],
    rule: 'FS-17',
  },
  {
    from: 'showing',
    event: 'displayTimeOver',
    guard: 'always',
    to: 'asleep',
    effects: ['darkenDisplay'],
    rule: 'FS-18',
  },
];
