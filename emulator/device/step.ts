import { TRANSITIONS, type Transition } from '../../firmware-spec/transitions.ts';
import type { DeviceEvent, Effect, Guard } from '../../firmware-spec/vocabulary.ts';
import { timeStepAt } from '../../shared/otp.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { cellOf, withPressDrawn } from './cell.ts';
import { forcesBrownOut, selfTestFails } from './faults/effects.ts';
import { hasMoreItems } from './menu.ts';
import {
  entryIsTooShort,
  entryTakesMore,
  pinIsRight,
  pinTriesLeft,
  unlockCodeIsRight,
} from './pin.ts';
import type { Device, DeviceEnv, DeviceState } from './types.ts';

/** One event, at one time. */
export interface Happening {
  readonly event: DeviceEvent;
  /** Milliseconds, with a fraction. */
  readonly deviceTime: number;
  /** What faults go by: the true time, or the device's own where time alone made the event. */
  readonly at: UnixMillis;
  /** Where `at` is the device's own: the true time, by which faults begin. */
  readonly trueTime?: UnixMillis;
  /** `digit` only: the key, '0' to '9'. */
  readonly digit?: string;
}

export interface Stepped {
  readonly device: Device;
  /** What was done, in order; empty also when the table has no row for the event. */
  readonly effects: readonly Effect[];
  /** The row that was taken; undefined where none fits. */
  readonly row?: Transition;
}

/** The last counter a device reaches; it stays there (FS-14). */
export const COUNTER_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Interprets the transition table: of the rows for the device's state and the event the first whose
 * guards all hold (FS-28). No row, no change.
 */
export function step(device: Device, happening: Happening, env: DeviceEnv): Stepped {
  const rows = rowsOf(env.transitions ?? TRANSITIONS).get(keyOf(device.state.state, happening));
  const row = rows?.find(({ guards }) =>
    guards.every((guard) => HOLDS[guard](device, happening, env)),
  );
  if (row === undefined) return { device, effects: [] };
  // One copy, changed in place: a row of five effects would else make five.
  const draft: Draft = { ...device.state, state: row.to };
  for (const effect of row.effects) DO[effect](draft, device, happening);
  const state = row.effects.some((effect) => FORGETS.has(effect)) ? withoutForgotten(draft) : draft;
  return { device: { ...device, state }, effects: row.effects, row };
}

/** A table's rows by state and event, in order; made once for each table. */
const ROWS = new WeakMap<readonly Transition[], ReadonlyMap<string, readonly Transition[]>>();

function rowsOf(table: readonly Transition[]): ReadonlyMap<string, readonly Transition[]> {
  const known = ROWS.get(table);
  if (known !== undefined) return known;
  const rows = new Map<string, Transition[]>();
  for (const row of table) {
    const key = keyOf(row.from, row);
    rows.set(key, [...(rows.get(key) ?? []), row]);
  }
  ROWS.set(table, rows);
  return rows;
}

const keyOf = (state: string, { event }: Pick<Transition, 'event'>) => `${state} ${event}`;

type Holds = (device: Device, happening: Happening, env: DeviceEnv) => boolean;

/** Does a guard hold for a device. Total over the vocabulary. */
const HOLDS: Readonly<Record<Guard, Holds>> = {
  timeToken: ({ parameters }) => parameters.type === 'time',
  eventToken: ({ parameters }) => parameters.type === 'event',
  alwaysOn: ({ profile }) => profile.alwaysOn !== undefined,
  pressDarkens: ({ profile }) => profile.secondPress === 'darkens',
  pressIgnored: ({ profile }) => profile.secondPress === 'ignored',
  pressShowsNext: ({ profile }) => profile.secondPress === 'showsNext',
  hasMenu: ({ profile }) => profile.menu.length > 0,
  moreMenuItems: hasMoreItems,
  pinWanted: ({ profile }) => profile.pin !== undefined,
  entryHasRoom: entryTakesMore,
  entryTooShort: entryIsTooShort,
  pinRight: pinIsRight,
  pinTriesLeft,
  unlockCodeRight: (device, _happening, env) => unlockCodeIsRight(device, env),
  isLocked: ({ state }) => state.locked,
  hasErr: (device, { at, trueTime }) => selfTestFails(device, at, trueTime),
  cellLow: (device) => cellOf(device).isLow,
  brownsOut: (device, { at }) => forcesBrownOut(device, at) || cellOf(device).brownsOut,
};

/** The state while a row's effects are done. What is forgotten is undefined until they are. */
type Draft = { -readonly [Name in keyof DeviceState]: DeviceState[Name] };

type Do = (draft: Draft, device: Device, happening: Happening) => void;

/** What an effect changes. Total over the vocabulary. */
const DO: Readonly<Record<Effect, Do>> = {
  computeCode: (draft, { parameters }, { deviceTime }) => {
    draft.shownFactor = factorAt({ state: draft, parameters }, deviceTime);
  },
  advanceCounter: (draft) => {
    draft.counter = Math.min(draft.counter + 1, COUNTER_MAX);
  },
  drawPress: (draft, device) => {
    draft.chargeMicroampHours = withPressDrawn(device).state.chargeMicroampHours;
  },
  lightDisplay: (draft, _device, { deviceTime }) => {
    draft.litAt = deviceTime;
  },
  darkenDisplay: forgetShown,
  beginMessage: (draft, _device, { deviceTime }) => {
    draft.messageAt = deviceTime;
  },
  endMessage: (draft) => {
    draft.messageAt = undefined;
  },
  openMenu: (draft) => {
    const { litAt } = draft;
    forgetShown(draft);
    draft.litAt = litAt;
    draft.menuPlace = 0;
  },
  nextMenuItem: (draft) => {
    draft.menuPlace = (draft.menuPlace ?? 0) + 1;
  },
  takeDigit: (draft, _device, { digit = '' }) => {
    draft.entry = (draft.entry ?? '') + digit;
  },
  forgetDigits: (draft) => {
    draft.entry = undefined;
  },
  keepPin: (draft) => {
    draft.pin = draft.entry ?? '';
  },
  forgetPin: (draft) => {
    draft.pin = undefined;
  },
  countWrongPin: (draft) => {
    draft.wrongPins += 1;
  },
  forgetWrongPins: (draft) => {
    draft.wrongPins = 0;
  },
  lockItself: (draft) => {
    draft.locked = true;
  },
  unlockItself: (draft) => {
    draft.locked = false;
  },
  makeChallenge: (draft) => {
    draft.challenge += 1;
  },
};

function forgetShown(draft: Draft): void {
  draft.shownFactor = undefined;
  draft.litAt = undefined;
  draft.messageAt = undefined;
  draft.menuPlace = undefined;
  draft.entry = undefined;
}

const FORGETS: ReadonlySet<Effect> = new Set([
  'darkenDisplay',
  'endMessage',
  'openMenu',
  'forgetDigits',
  'forgetPin',
]);

/** A state is plain data: what is forgotten has no place in it. */
function withoutForgotten(draft: Draft): DeviceState {
  const { shownFactor, litAt, messageAt, menuPlace, entry, pin, ...rest } = draft;
  const state: Draft = rest;
  if (shownFactor !== undefined) state.shownFactor = shownFactor;
  if (litAt !== undefined) state.litAt = litAt;
  if (messageAt !== undefined) state.messageAt = messageAt;
  if (menuPlace !== undefined) state.menuPlace = menuPlace;
  if (entry !== undefined) state.entry = entry;
  if (pin !== undefined) state.pin = pin;
  return state;
}

/** A device without anything that stood on its display. */
export function darkened(device: Device): Device {
  const draft: Draft = { ...device.state };
  forgetShown(draft);
  return { ...device, state: withoutForgotten(draft) };
}

/** The moving factor as it is now (FS-2). */
export function factorAt(
  { state, parameters }: Pick<Device, 'state' | 'parameters'>,
  deviceTime: number,
): number {
  if (parameters.type === 'event') return state.counter;
  return timeStepAt(Math.floor(deviceTime) as UnixMillis, parameters);
}
