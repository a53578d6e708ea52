import type { DeviceEvent, Effect, Guard, State } from './vocabulary.ts';

/** One row: in state `from`, on `event`, if all `guards` hold, do `effects`, go `to`. */
export interface Transition {
  readonly from: State;
  readonly event: DeviceEvent;
  /** None: the row always fits. */
  readonly guards: readonly Guard[];
  readonly to: State;
  /** In order. */
  readonly effects: readonly Effect[];
  /** The rule of README.md that the row follows. */
  readonly rule: `FS-${number}`;
}

/** How a device leaves the factory; one that is always lit leaves it `showing`. */
export const INITIAL_STATE: State = 'asleep';

type Answer = readonly [
  event: DeviceEvent,
  guards: readonly Guard[],
  to: State,
  effects: readonly Effect[],
  rule: Transition['rule'],
];

const GOES_DARK: Answer = ['displayTimeOver', [], 'asleep', ['darkenDisplay'], 'FS-18'];
const SECOND_PRESS_DARKENS: Answer = [
  'press',
  ['pressDarkens'],
  'asleep',
  ['darkenDisplay'],
  'FS-15',
];
const OPENS_MENU: Answer = ['hold', ['hasMenu'], 'menu', ['openMenu', 'lightDisplay'], 'FS-35'];
const EXPIRES: Answer = ['expiryReached', [], 'expired', ['darkenDisplay'], 'FS-56'];
const DISABLES: Answer = ['disablesItself', [], 'disabled', ['darkenDisplay'], 'FS-54'];
const FORGETS: Answer = ['memoryFails', [], 'erased', ['darkenDisplay'], 'FS-53'];
const DIES: Answer = ['cellEmpty', [], 'dead', ['darkenDisplay'], 'FS-52'];
/** What ends whatever else the device does while its display is lit. */
const ENDS: readonly Answer[] = [DISABLES, FORGETS, DIES];

/** The same where there is nothing to forget. */
function fromDark([event, guards, to, , rule]: Answer): Answer {
  return [event, guards, to, [], rule];
}

/** What each state answers to which event. */
const ANSWERS: Readonly<Record<State, readonly Answer[]>> = {
  asleep: [
    ['press', ['hasErr'], 'err', ['drawPress', 'lightDisplay'], 'FS-49'],
    ['press', ['brownsOut', 'eventToken'], 'asleep', ['advanceCounter', 'drawPress'], 'FS-51'],
    ['press', ['brownsOut'], 'asleep', ['drawPress'], 'FS-50'],
    ['press', ['isLocked'], 'deviceLocked', ['drawPress', 'lightDisplay'], 'FS-45'],
    ['press', ['pinWanted'], 'enteringPin', ['drawPress', 'lightDisplay'], 'FS-39'],
    ['press', ['cellLow'], 'lowBattery', ['drawPress', 'lightDisplay', 'beginMessage'], 'FS-33'],
    ['press', ['timeToken'], 'showing', ['computeCode', 'drawPress', 'lightDisplay'], 'FS-12'],
    [
      'press',
      ['eventToken'],
      'showing',
      ['computeCode', 'advanceCounter', 'drawPress', 'lightDisplay'],
      'FS-13',
    ],
    ...ENDS.map(fromDark),
  ],
  showing: [
    ['press', ['pressIgnored'], 'showing', [], 'FS-15'],
    SECOND_PRESS_DARKENS,
    [
      'press',
      ['pressShowsNext', 'hasErr'],
      'err',
      ['darkenDisplay', 'drawPress', 'lightDisplay'],
      'FS-49',
    ],
    [
      'press',
      ['pressShowsNext', 'brownsOut'],
      'asleep',
      ['advanceCounter', 'drawPress', 'darkenDisplay'],
      'FS-51',
    ],
    [
      'press',
      ['pressShowsNext'],
      'showing',
      ['computeCode', 'advanceCounter', 'drawPress', 'lightDisplay'],
      'FS-15',
    ],
    OPENS_MENU,
    ['stepBegins', ['alwaysOn', 'hasErr'], 'err', [], 'FS-57'],
    ['stepBegins', ['timeToken'], 'showing', ['computeCode'], 'FS-17'],
    GOES_DARK,
    EXPIRES,
    ...ENDS,
  ],
  menu: [
    ['press', ['moreMenuItems'], 'menu', ['nextMenuItem', 'lightDisplay'], 'FS-36'],
    ['press', [], 'asleep', ['darkenDisplay'], 'FS-36'],
    GOES_DARK,
    ...ENDS,
  ],
  lowBattery: [
    SECOND_PRESS_DARKENS,
    OPENS_MENU,
    [
      'messageTimeOver',
      ['timeToken'],
      'showing',
      ['endMessage', 'computeCode', 'lightDisplay'],
      'FS-33',
    ],
    [
      'messageTimeOver',
      ['eventToken'],
      'showing',
      ['endMessage', 'computeCode', 'advanceCounter', 'lightDisplay'],
      'FS-33',
    ],
    GOES_DARK,
    ...ENDS,
  ],
  enteringPin: [
    SECOND_PRESS_DARKENS,
    ['digit', ['entryHasRoom'], 'enteringPin', ['takeDigit', 'lightDisplay'], 'FS-40'],
    ['enter', ['entryTooShort'], 'enteringPin', ['forgetDigits', 'lightDisplay'], 'FS-41'],
    [
      'enter',
      ['pinRight', 'cellLow'],
      'lowBattery',
      ['keepPin', 'forgetWrongPins', 'forgetDigits', 'lightDisplay', 'beginMessage'],
      'FS-42',
    ],
    [
      'enter',
      ['pinRight', 'timeToken'],
      'showing',
      ['keepPin', 'forgetWrongPins', 'forgetDigits', 'computeCode', 'lightDisplay'],
      'FS-42',
    ],
    [
      'enter',
      ['pinRight', 'eventToken'],
      'showing',
      [
        'keepPin',
        'forgetWrongPins',
        'forgetDigits',
        'computeCode',
        'advanceCounter',
        'lightDisplay',
      ],
      'FS-42',
    ],
    [
      'enter',
      ['pinTriesLeft'],
      'wrongPin',
      ['countWrongPin', 'forgetDigits', 'lightDisplay', 'beginMessage'],
      'FS-43',
    ],
    [
      'enter',
      [],
      'deviceLocked',
      ['countWrongPin', 'lockItself', 'makeChallenge', 'forgetDigits', 'lightDisplay'],
      'FS-44',
    ],
    GOES_DARK,
    ...ENDS,
  ],
  wrongPin: [
    ['messageTimeOver', [], 'enteringPin', ['endMessage', 'lightDisplay'], 'FS-43'],
    GOES_DARK,
    ...ENDS,
  ],
  deviceLocked: [
    SECOND_PRESS_DARKENS,
    OPENS_MENU,
    ['digit', ['entryHasRoom'], 'deviceLocked', ['takeDigit', 'lightDisplay'], 'FS-46'],
    ['enter', ['entryTooShort'], 'deviceLocked', ['forgetDigits', 'lightDisplay'], 'FS-46'],
    [
      'enter',
      ['unlockCodeRight'],
      'enteringPin',
      ['unlockItself', 'forgetWrongPins', 'forgetPin', 'forgetDigits', 'lightDisplay'],
      'FS-46',
    ],
    ['enter', [], 'deviceLocked', ['makeChallenge', 'forgetDigits', 'lightDisplay'], 'FS-46'],
    GOES_DARK,
    EXPIRES,
    ...ENDS,
  ],
  err: [
    SECOND_PRESS_DARKENS,
    ['stepBegins', ['hasErr'], 'err', ['computeCode'], 'FS-57'],
    ['stepBegins', ['timeToken'], 'showing', [], 'FS-57'],
    GOES_DARK,
    EXPIRES,
    ...ENDS,
  ],
  disabled: [fromDark(FORGETS), fromDark(DIES)],
  erased: [fromDark(DIES)],
  expired: [fromDark(DIES)],
  dead: [],
};

/**
 * The whole behaviour of the device. For a state and an event the first row counts whose guards all
 * hold (FS-28).
 */
export const TRANSITIONS: readonly Transition[] = Object.entries(ANSWERS).flatMap(
  ([from, answers]) =>
    answers.map(([event, guards, to, effects, rule]) => ({
      from: from as State,
      event,
      guards,
      to,
      effects,
      rule,
    })),
);
