/** The words of the device: states, events, effects, guards, and what they mean. Data only. */

/** What the device is doing. */
export const STATES = ['asleep', 'showing'] as const;
export type State = (typeof STATES)[number];

/** What can happen to the device. */
export const EVENTS = ['press', 'stepBegins', 'displayTimeOver'] as const;
export type DeviceEvent = (typeof EVENTS)[number];

/** What the device does in answer, in order. */
export const EFFECTS = ['computeCode', 'advanceCounter', 'lightDisplay', 'darkenDisplay'] as const;
export type Effect = (typeof EFFECTS)[number];

/** Conditions on a transition row, each a fact of the profile or the device's clock. */
export const GUARDS = [
  'always',
  'timeToken',
  'eventToken',
  'pressDarkens',
  'pressIgnored',
  'pressShowsNext',
] as const;
export type Guard = (typeof GUARDS)[number];

/** What a press does while a code shows; `showsNext` is for event tokens. */
export const SECOND_PRESSES = ['ignored', 'darkens', 'showsNext'] as const;
export type SecondPress = (typeof SECOND_PRESSES)[number];

export const PROFILE_NAMES = ['c30', 'e6'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export const STATE_MEANINGS: Readonly<Record<State, string>> = {
  asleep: 'the display is dark; only the clock runs',
  showing: 'the display is lit and shows a code',
};

export const EVENT_MEANINGS: Readonly<Record<DeviceEvent, string>> = {
  press: 'the button is pressed and let go',
  stepBegins: 'another time step is running than the one whose code shows',
  displayTimeOver: 'the display has been lit for its time',
};

export const GUARD_MEANINGS: Readonly<Record<Guard, string>> = {
  always: 'no condition',
  timeToken: 'the moving factor is the time step',
  eventToken: 'the moving factor is the counter',
  pressDarkens: 'the profile says that a second press darkens the display',
  pressIgnored: 'the profile says that a second press is ignored',
  pressShowsNext: 'the profile says that a second press shows the next code',
};

export const EFFECT_MEANINGS: Readonly<Record<Effect, string>> = {
  computeCode: 'the shown code becomes that of the moving factor as it is now',
  advanceCounter: 'the counter becomes the next one',
  lightDisplay: 'the display is lit; its time starts now',
  darkenDisplay: 'the display goes dark and the shown code is forgotten',
};
