/** The names of the device: states, events, effects, profiles' vocabulary. Data, no behaviour. */

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
] as const;
export type Guard = (typeof GUARDS)[number];

/** What a press does while a code shows (facts: three real behaviours; the third has no button). */
export const SECOND_PRESSES = ['ignored', 'darkens'] as const;
export type SecondPress = (typeof SECOND_PRESSES)[number];

export const PROFILE_NAMES = ['c30', 'e6'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];
