import type { State } from './vocabulary.ts';

/**
 * The segments of a cell, by bit: segment a is bit 0, g is bit 6.
 *
 *      aaa
 *     f   b
 *      ggg
 *     e   c
 *      ddd
 */
export const SEGMENTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
export type Segment = (typeof SEGMENTS)[number];

/** The segments of each sign that a token shows, as their letters. */
const GLYPH_SEGMENTS = {
  '0': 'abcdef',
  '1': 'bc',
  '2': 'abdeg',
  '3': 'abcdg',
  '4': 'bcfg',
  '5': 'acdfg',
  '6': 'acdefg',
  '7': 'abc',
  '8': 'abcdefg',
  '9': 'abcdfg',
  A: 'abcefg',
  a: 'abcdeg',
  b: 'cdefg',
  C: 'adef',
  c: 'deg',
  d: 'bcdeg',
  E: 'adefg',
  F: 'aefg',
  H: 'bcefg',
  h: 'cefg',
  I: 'ef',
  i: 'c',
  L: 'def',
  n: 'ceg',
  o: 'cdeg',
  P: 'abefg',
  r: 'eg',
  S: 'acdfg',
  t: 'defg',
  U: 'bcdef',
  u: 'cde',
  '-': 'g',
  _: 'd',
  ' ': '',
} as const satisfies Record<string, string>;

export type Glyph = keyof typeof GLYPH_SEGMENTS;

/** Each sign's segments as a bit mask, in the order of reading: digits before letters (FS-22). */
export const GLYPHS: ReadonlyMap<string, number> = new Map(
  // Digits first is also how a JavaScript object orders keys that are integers.
  Object.entries(GLYPH_SEGMENTS).map(([glyph, segments]) => [glyph, segmentMask(segments)]),
);

/** The bit of each named segment; names that are not segments have none. */
function segmentMask(segments: string): number {
  return SEGMENTS.reduce(
    (mask, name, bit) => (segments.includes(name) ? mask | (1 << bit) : mask),
    0,
  );
}

/** What stands on the display in one state. */
export interface Shows {
  readonly lit: boolean;
  readonly cells:
    | 'nothing'
    | 'code'
    | 'menu item'
    | 'battery message'
    | 'entry'
    | 'wrong PINs'
    | 'lock message'
    | 'err message'
    | 'erased message'
    | 'disabled message';
  readonly marks: 'none' | 'countdown';
}

const DARK: Shows = { lit: false, cells: 'nothing', marks: 'none' };

export const SHOWS: Readonly<Record<State, Shows>> = {
  asleep: DARK,
  showing: { lit: true, cells: 'code', marks: 'countdown' },
  menu: { lit: true, cells: 'menu item', marks: 'none' },
  lowBattery: { lit: true, cells: 'battery message', marks: 'none' },
  enteringPin: { lit: true, cells: 'entry', marks: 'none' },
  wrongPin: { lit: true, cells: 'wrong PINs', marks: 'none' },
  deviceLocked: { lit: true, cells: 'lock message', marks: 'none' },
  err: { lit: true, cells: 'err message', marks: 'none' },
  erased: { lit: true, cells: 'erased message', marks: 'none' },
  disabled: { lit: true, cells: 'disabled message', marks: 'none' },
  expired: DARK,
  dead: DARK,
};

/** Texts that every model has in common. */
export const TEXTS = {
  /** Asks for the PIN. */
  enterPin: 'PIn',
  /** Asks for the first PIN, or for one after an unlocking. */
  choosePin: 'SEt PIn',
  /** Stands for each digit of a PIN, so that nobody else reads it. */
  pinDigit: '-',
  /** Followed by how many wrong PINs in a row there were. */
  wrongPin: 'FAIL',
  /** Before the percentage in the menu. */
  battery: 'bAtt',
  /** Stands for each digit of a code whose seed fails its check. */
  noDigit: '-',
} as const;
