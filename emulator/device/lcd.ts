import { GLYPHS } from '../../firmware-spec/display.ts';
import type { Frame } from './types.ts';

/** The LCD: text becomes segments, and text is read off segments (FS-20 to FS-23). */

const BLANK = 0;
/** What is read off a cell whose segments make no sign. */
export const UNREADABLE = '?';

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
 * word that holds a letter, a digit elsewhere (FS-22). Segments that make no sign read as `?`.
 */
export function readCells(cells: readonly number[]): string {
  const plain = cells.map((mask) => SIGN_OF_MASK.get(mask) ?? UNREADABLE);
  const words = plain.join('').split(' ');
  let cell = 0;
  const read = words.map((word) => {
    const first = cell;
    cell += word.length + 1;
    if (!/[A-Za-z]/.test(word)) return word;
    return [...word]
      .map((sign, index) => LETTER_OF_MASK.get(cells[first + index] ?? BLANK) ?? sign)
      .join('');
  });
  return read.join(' ').trim();
}

/** What is read off a whole LCD; empty when it is dark. */
export function readFrame(frame: Frame): string {
  return frame.lit ? readCells(frame.cells) : '';
}

/** A dark LCD of so many cells. */
export function darkFrame({ cells, marksMax }: { cells: number; marksMax: number }): Frame {
  return { lit: false, cells: new Array<number>(cells).fill(BLANK), marks: 0, marksMax };
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
