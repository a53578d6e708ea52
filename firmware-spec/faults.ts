import { SEGMENTS } from './display.ts';
import type { FaultName } from './vocabulary.ts';

/** The catalogue of faults: what each is made of, and what comes of it (FS-80 to FS-96). */

/** One attribute of a fault. Bounds are inclusive. */
export type FaultAttribute = {
  readonly describe: string;
} & (
  | {
      readonly type: 'number' | 'integer';
      readonly min: number;
      readonly max: number;
      readonly default: number;
      /** What it is counted in; empty for a bare number. */
      readonly unit: string;
    }
  | { readonly type: 'choice'; readonly choices: readonly string[]; readonly default: string }
);

/** When it is drawn whether a fault of some probability strikes. */
export const OCCASIONS = ['injection', 'press', 'picture', 'contact'] as const;
export type Occasion = (typeof OCCASIONS)[number];

export const OCCASION_MEANINGS: Readonly<Record<Occasion, string>> = {
  injection: 'once, when it is injected',
  press: 'at each press, by its true time',
  picture: 'at each lighting of the display, and each new code, message or menu item on it',
  contact: 'at each contact that nobody made',
};

/** What is left of a fault when it is cleared. */
export const CLEARINGS = ['ends', 'traceStays', 'unlocks', 'refused'] as const;
export type Clearing = (typeof CLEARINGS)[number];

export const CLEARING_MEANINGS: Readonly<Record<Clearing, string>> = {
  ends: 'it acts no more, and nothing of it is left',
  traceStays: 'it acts no more; what it did to the clock, counter or cell stays',
  unlocks: 'the device is no longer locked, and counts no wrong PIN',
  refused: 'it cannot be cleared once it has struck: the damage is done',
};

export interface FaultDefinition {
  readonly attributes: Readonly<Record<string, FaultAttribute>>;
  readonly occasion: Occasion;
  readonly clearing: Clearing;
  /** What the person sees, one sentence. */
  readonly person: string;
  /** What a server will see, one sentence. */
  readonly server: string;
}

/** No LCD of the profiles has more cells; the device's own are checked at injection. */
const CELLS_MAX = 12;
const TEN_YEARS_SECONDS = 315_576_000;

const STUCK_SEGMENT = {
  cell: {
    describe: 'which cell, from the left',
    type: 'integer',
    min: 1,
    max: CELLS_MAX,
    default: 1,
    unit: '',
  },
  segment: { describe: 'which segment of it', type: 'choice', choices: SEGMENTS, default: 'g' },
} as const satisfies Record<string, FaultAttribute>;

export const FAULT_CATALOGUE: Readonly<Record<FaultName, FaultDefinition>> = {
  err: {
    attributes: {},
    occasion: 'press',
    clearing: 'ends',
    person: "A press shows the profile's error message instead of a code.",
    server: 'No code arrives, or wrongCode for a message typed as digits.',
  },
  batteryLow: {
    attributes: {},
    occasion: 'injection',
    clearing: 'ends',
    person: 'A press warns of the battery first and shows the code after it.',
    server: 'Codes are accepted as ever.',
  },
  batteryWeak: {
    attributes: {},
    occasion: 'injection',
    clearing: 'ends',
    person: 'A warning, then pale digits with segments missing; in the cold a press resets it.',
    server: 'wrongCode for what was misread, then silence.',
  },
  batteryDead: {
    attributes: {},
    occasion: 'injection',
    clearing: 'refused',
    person: 'The display is dark and stays so, whatever is pressed.',
    server: 'Silence; its owner needs another way in and a new token.',
  },
  brownOut: {
    attributes: {},
    occasion: 'press',
    clearing: 'traceStays',
    person: 'The voltage breaks down under a press: the device resets and the display stays dark.',
    server: 'Nothing from that press; event tokens: one counter is left out.',
  },
  cellSwap: {
    attributes: {},
    occasion: 'injection',
    clearing: 'refused',
    person: "Somebody changed the cell: the profile's erased message stands for ever.",
    server: 'No code of this token ever again: the seed is gone.',
  },
  segmentStuckOn: {
    attributes: STUCK_SEGMENT,
    occasion: 'picture',
    clearing: 'ends',
    person: 'One segment is always on while the display is lit: a 0 may read as 8, a 5 as 6.',
    server: 'wrongCode whenever the segment makes another digit, accepted otherwise.',
  },
  segmentStuckOff: {
    attributes: STUCK_SEGMENT,
    occasion: 'picture',
    clearing: 'ends',
    person: 'One segment is never on: an 8 may read as 0 or 6.',
    server: 'wrongCode whenever a digit misses the segment, accepted otherwise.',
  },
  garbled: {
    attributes: {
      share: {
        describe: 'how many of the segments that should be on are off',
        type: 'number',
        min: 0.01,
        max: 1,
        default: 0.25,
        unit: '',
      },
    },
    occasion: 'picture',
    clearing: 'ends',
    person: 'Segments are missing all over, others each time: distorted digits.',
    server: 'wrongCode again and again, up to throttled and locked.',
  },
  faded: {
    attributes: {
      contrast: {
        describe: 'the most contrast that is left, of 1',
        type: 'number',
        min: 0,
        max: 1,
        default: 0.15,
        unit: '',
      },
    },
    occasion: 'picture',
    clearing: 'ends',
    person: 'The display is so pale that it can hardly be read, or not at all.',
    server: 'Silence, or wrongCode for what was guessed.',
  },
  rotated: {
    attributes: {},
    occasion: 'picture',
    clearing: 'ends',
    person: 'The device is held upside down: digits from back to front, 6 and 9 exchanged.',
    server: 'wrongCode, most often until it is locked, though the token is sound.',
  },
  buttonStuck: {
    attributes: {
      contactsPerDay: {
        describe: 'how often it makes contact anew',
        type: 'number',
        min: 0.01,
        max: 1440,
        default: 24,
        unit: 'a day',
      },
    },
    occasion: 'contact',
    clearing: 'traceStays',
    person: 'The display lights by itself and goes dark after its time; a press does nothing.',
    server: 'Time tokens: nothing odd; event tokens: the counter ahead, then wrongCode.',
  },
  buttonDead: {
    attributes: {},
    occasion: 'press',
    clearing: 'ends',
    person: 'A press does nothing.',
    server: 'Silence: no code arrives.',
  },
  buttonBounce: {
    attributes: {
      contacts: {
        describe: 'how often one press makes contact',
        type: 'integer',
        min: 2,
        max: 100,
        default: 3,
        unit: '',
      },
      millis: {
        describe: 'from the first contact to the last',
        type: 'integer',
        min: 1,
        max: 2000,
        default: 300,
        unit: 'ms',
      },
    },
    occasion: 'press',
    clearing: 'traceStays',
    person: 'One press counts as several: another code than the first, or a dark display.',
    server: 'Time tokens: nothing odd; event tokens: the counter ahead by the extra presses.',
  },
  pocketPresses: {
    attributes: {
      perDay: {
        describe: 'how often it is pressed in pocket or bag',
        type: 'number',
        min: 0.01,
        max: 1000,
        default: 5,
        unit: 'a day',
      },
    },
    occasion: 'contact',
    clearing: 'traceStays',
    person: 'Nothing, but that the cell is empty sooner.',
    server: 'Event tokens: wrongCode once the counter is beyond the look-ahead; a resync helps.',
  },
  clockOffset: {
    attributes: {
      seconds: {
        describe: 'how far the clock jumps, back if negative',
        type: 'number',
        min: -TEN_YEARS_SECONDS,
        max: TEN_YEARS_SECONDS,
        default: 300,
        unit: 's',
      },
    },
    occasion: 'injection',
    clearing: 'traceStays',
    person: 'Nothing: the code looks as good as any.',
    server:
      'Time tokens: wrongCode beyond the acceptance window; a resync helps within its window.',
  },
  clockRate: {
    attributes: {
      ppm: {
        describe: 'how much faster the clock runs, slower if negative',
        type: 'number',
        min: -100_000,
        max: 100_000,
        default: 200,
        unit: 'ppm',
      },
    },
    occasion: 'injection',
    clearing: 'traceStays',
    person: 'Nothing: the code looks as good as any.',
    server: 'Time tokens: accepted at first, wrongCode later, and again some time after a resync.',
  },
  clockStopped: {
    attributes: {},
    occasion: 'injection',
    clearing: 'traceStays',
    person: 'Always the same code; the countdown stands and the display does not go dark.',
    server: 'Time tokens: accepted once, then replayed, then wrongCode.',
  },
  counterSkip: {
    attributes: {
      by: {
        describe: 'how many counters are left out',
        type: 'integer',
        min: 1,
        max: 1_000_000,
        default: 20,
        unit: '',
      },
    },
    occasion: 'injection',
    clearing: 'traceStays',
    person: 'Nothing: the code looks as good as any. Event tokens only.',
    server: 'wrongCode beyond the look-ahead; a resync helps within its window.',
  },
  seedCorrupt: {
    attributes: {},
    occasion: 'injection',
    clearing: 'ends',
    person: 'A press shows dashes, one for each digit, instead of a code.',
    server: 'No code arrives.',
  },
  deviceLock: {
    attributes: {},
    occasion: 'injection',
    clearing: 'unlocks',
    person: 'A press says that the device has locked itself; with a PIN pad it asks for unlocking.',
    server: 'Silence; unlock or resync at the server lifts only its own lock, never this one.',
  },
  tamper: {
    attributes: {},
    occasion: 'injection',
    clearing: 'refused',
    person: "The case was opened: the seed is erased and the profile's message stands for ever.",
    server: 'No code of this token ever again: the seed is gone.',
  },
  selfDisabled: {
    attributes: {},
    occasion: 'injection',
    clearing: 'refused',
    person: 'The device has disabled itself: its message stands for ever and the button is dead.',
    server: 'No code of this token ever again.',
  },
};
