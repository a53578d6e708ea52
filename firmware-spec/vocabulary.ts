/** The words of the device: states, events, effects, guards, and what they mean. Data only. */

/** What the device is doing. */
export const STATES = [
  'asleep',
  'showing',
  'menu',
  'lowBattery',
  'enteringPin',
  'wrongPin',
  'deviceLocked',
  'err',
  'erased',
  'disabled',
  'expired',
  'dead',
] as const;
export type State = (typeof STATES)[number];

/** What can happen to the device. */
export const EVENTS = [
  'press',
  'hold',
  'digit',
  'enter',
  'stepBegins',
  'displayTimeOver',
  'messageTimeOver',
  'expiryReached',
  'disablesItself',
  'memoryFails',
  'cellEmpty',
] as const;
export type DeviceEvent = (typeof EVENTS)[number];

/** What the device does in answer, in order. */
export const EFFECTS = [
  'computeCode',
  'advanceCounter',
  'drawPress',
  'lightDisplay',
  'darkenDisplay',
  'beginMessage',
  'endMessage',
  'openMenu',
  'nextMenuItem',
  'takeDigit',
  'forgetDigits',
  'keepPin',
  'forgetPin',
  'countWrongPin',
  'forgetWrongPins',
  'lockItself',
  'unlockItself',
  'makeChallenge',
] as const;
export type Effect = (typeof EFFECTS)[number];

/** Conditions on a transition row, each a fact of the profile, the device or its cell. */
export const GUARDS = [
  'timeToken',
  'eventToken',
  'alwaysOn',
  'pressDarkens',
  'pressIgnored',
  'pressShowsNext',
  'hasMenu',
  'moreMenuItems',
  'pinWanted',
  'entryHasRoom',
  'entryTooShort',
  'pinRight',
  'pinTriesLeft',
  'unlockCodeRight',
  'isLocked',
  'hasErr',
  'cellLow',
  'brownsOut',
] as const;
export type Guard = (typeof GUARDS)[number];

/** What a press does while a code shows; `showsNext` is for event tokens. */
export const SECOND_PRESSES = ['ignored', 'darkens', 'showsNext'] as const;
export type SecondPress = (typeof SECOND_PRESSES)[number];

/** What the hold-press menu shows, one after the other. */
export const MENU_ITEMS = ['time', 'battery', 'serial', 'counter'] as const;
export type MenuItem = (typeof MENU_ITEMS)[number];

/** What an LCD has beside its cells and countdown marks. */
export const ICONS = ['battery', 'lock'] as const;
export type Icon = (typeof ICONS)[number];

export const PROFILE_NAMES = ['c30', 'e6', 'c60', 'c30-sha256', 'p30', 'a60'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** What can go wrong with a device, by the name under which it is injected. */
export const FAULT_NAMES = [
  'err',
  'batteryLow',
  'batteryWeak',
  'batteryDead',
  'brownOut',
  'cellSwap',
  'segmentStuckOn',
  'segmentStuckOff',
  'garbled',
  'faded',
  'rotated',
  'buttonStuck',
  'buttonDead',
  'buttonBounce',
  'pocketPresses',
  'clockOffset',
  'clockRate',
  'clockStopped',
  'counterSkip',
  'seedCorrupt',
  'deviceLock',
  'tamper',
  'selfDisabled',
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];
