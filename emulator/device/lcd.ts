import { GLYPHS } from '../../firmware-spec/display.ts';
import type { Frame } from './types.ts';

/** The LCD: text becomes segments, and text is read off segments (FS-20 to FS-23). */

const BLANK = 0;
/** What is read off a cell whose segments make no sign. */
export const UNREADABLE = '?';

/** With less contrast than this nobody reads an LCD; of 1. */
export const READABLE_CONTRAST = 0.25;

/** Masks that are a digit and a letter too: what they read as inside a word. */
const LETTER_OF_MASK = new Map<number, string>();
const SIGN_OF_MASK = new Map<number, string>();
for (const [glyph, mask] of GLYPHS) {
  if (SIGN_OF_MASK.has(mask)) LETTER_OF_MASK.set(mask, glyph);
  else SIGN_OF_MASK.set(mask, glyph);
}

/**
 * Text as segments, centred; the odd blank stands on the right (FS-21).
 *
 * @param text signs of `GLYPHS`; what the LCD cannot show is blank, what does not fit is cut off
 * @param cells how many cells the LCD has
 * @returns one bit mask a cell
 */
export function segmentsOf(text: string, cells: number): number[] {
  const signs = [...text].slice(0, cells);
  const left = Math.floor((cells - signs.length) / 2);
  const masks = new Array<number>(cells).fill(BLANK);
  signs.forEach((sign, index) => {
    masks[left + index] = GLYPHS.get(sign) ?? BLANK;
  });
  return masks;
}

/**
 * What a person reads, trimmed. A cell that could be a digit or a letter (5, S) is a letter in a
 * word that holds a letter beyond F, a digit elsewhere: in a number, hexadecimal too (FS-22).
 * Segments that make no sign read as `?`.
 */
export function readCells(cells: readonly number[]): string {
  const plain = cells.map(signOf);
  const words = plain.join('').split(' ');
  let cell = 0;
  const read = words.map((word) => {
    const first = cell;
    cell += word.length + 1;
    if (!/[G-Zg-z]/.test(word)) return word;
    return [...word]
      .map((sign, index) => LETTER_OF_MASK.get(cells[first + index] ?? BLANK) ?? sign)
      .join('');
  });
  return read.join(' ').trim();
}

/**
 * What an eye reads off a whole LCD: nothing when it is dark or too faint; what it looks like when
 * it is held upside down (FS-97).
 */
export function readFrame({ lit, cells, contrast, rotated }: Frame): string {
  if (!lit || contrast < READABLE_CONTRAST) return '';
  return rotated ? readTurned(cells) : readCells(cells);
}

/**
 * Each cell turned, from back to front. Nobody who reads digits takes them for letters where they
 * can be either: a turned 5 is a 5, and a turned 1, a lone bar on the other side, is a 1.
 */
function readTurned(cells: readonly number[]): string {
  return cells
    .toReversed()
    .map((mask) => (turned(mask) === LEFT_BAR ? '1' : signOf(turned(mask))))
    .join('')
    .trim();
}

/** Upside down segment a stands where d was, b where e, c where f; g stays. */
const TURNED_BITS = [3, 4, 5, 0, 1, 2, 6] as const;

function turned(mask: number): number {
  return TURNED_BITS.reduce<number>(
    (turning, to, from) => ((mask & (1 << from)) === 0 ? turning : turning | (1 << to)),
    0,
  );
}

const LEFT_BAR = turned(GLYPHS.get('1') ?? BLANK);

function signOf(mask: number): string {
  return SIGN_OF_MASK.get(mask) ?? UNREADABLE;
}

/** A dark LCD of so many cells, not turned, that would show well. */
export function darkFrame({ cells, marksMax }: { cells: number; marksMax: number }): Frame {
  return {
    lit: false,
    cells: new Array<number>(cells).fill(BLANK),
    marks: 0,
    marksMax,
    icons: [],
    contrast: 1,
    rotated: false,
  };
}

/**
 * Countdown marks that show: one for each part of the running step that has not passed whole, so
 * all of them at the step's start and one at its very end (FS-23).
 */
export function countdownMarks(
  deviceTime: number,
  { stepSeconds, marksMax }: { stepSeconds: number; marksMax: number },
): number {
  const stepMillis = stepSeconds * 1000;
  const left = stepMillis - (deviceTime % stepMillis);
  return Math.min(marksMax, Math.ceil((left * marksMax) / stepMillis));
}
