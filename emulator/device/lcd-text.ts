import { halfBlocks, hashes, type Pixel, type Pixels, pairs, pixelsOf } from './lcd-pixels.ts';
import { asciiStrokes, strokes } from './lcd-strokes.ts';
import type { Frame } from './types.ts';

/** The fob with its LCD, for a terminal. */

export interface DrawOptions {
  /** `small` is 5 lines high, `large` 11 and at most 80 columns wide. Default `small`. */
  readonly size?: 'small' | 'large';
  /** The LCD in its own colours (256-colour escapes). Default false: plain text. */
  readonly colour?: boolean;
  /** Only ASCII signs, for a terminal without Unicode. Default false. */
  readonly ascii?: boolean;
}

/** Lines of equal width, without line ends. */
export function drawLcd(frame: Frame, options: DrawOptions = {}): string[] {
  const { size = 'small', colour = false, ascii = false } = options;
  const box = ascii ? ASCII_BOX : ROUND_BOX;
  if (size === 'small') {
    const glass = smallGlass(frame, ascii);
    return framed(glassRows(glass, colour), { box, width: glass[0]?.length ?? 0 });
  }
  return drawLarge(frame, { colour, ascii });
}

interface Box {
  /** Corners from top left clockwise, then the horizontal and the vertical side. */
  readonly corners: readonly [string, string, string, string];
  readonly sides: readonly [string, string];
  /** The lower horizontal side where it differs. */
  readonly foot?: string;
}
const ROUND_BOX: Box = { corners: ['╭', '╮', '╯', '╰'], sides: ['─', '│'] };
const ASCII_BOX: Box = { corners: ['+', '+', '+', '+'], sides: ['-', '|'] };

function framed(rows: readonly string[], { box, width }: { box: Box; width: number }): string[] {
  const [topLeft, topRight, bottomRight, bottomLeft] = box.corners;
  const [horizontal, vertical] = box.sides;
  return [
    topLeft + horizontal.repeat(width) + topRight,
    ...rows.map((row) => vertical + row + vertical),
    bottomLeft + (box.foot ?? horizontal).repeat(width) + bottomRight,
  ];
}

// Small: three rows of line signs.

function smallGlass(frame: Frame, ascii: boolean): string[] {
  const cells = frame.cells.map(ascii ? asciiStrokes : strokes);
  return [0, 1, 2].map((row) => {
    const signs = cells.map((cell) => cell[row]).join(' ');
    return ` ${smallMarks(frame, { row, ascii })}${signs} `;
  });
}

/** Two marks a row, or as many as it takes; the first at the foot. */
function smallMarks(frame: Frame, { row, ascii }: { row: number; ascii: boolean }): string {
  if (frame.marksMax === 0) return '';
  const perRow = Math.ceil(frame.marksMax / 3);
  const first = (2 - row) * perRow;
  const shown = Math.min(perRow, Math.max(0, frame.marks - first));
  return `${(ascii ? '=' : '▪').repeat(shown).padEnd(perRow)} `;
}

// Large: pixels in half blocks, in a fob with its button.

const BUTTON_TOP = 3;

function drawLarge(frame: Frame, { colour, ascii }: { colour: boolean; ascii: boolean }): string[] {
  const box = ascii ? ASCII_BOX : ROUND_BOX;
  const pixels = pixelsOf(frame);
  const width = pixels[0]?.length ?? 0;
  const signs = ascii ? hashes(pixels, frame) : halfBlocks(pixels);
  const display =
    colour && !ascii
      ? framed(paintPixels(pixels), { box: GLASS_BOX, width })
      : framed(glassRows(signs, colour), { box, width });
  const button = framed(['  '], { box, width: 2 });
  const noButton = ' '.repeat(4);
  const body = display.map((row, y) => ` ${row} ${button[y - BUTTON_TOP] ?? noButton} `);
  return framed(body, { box, width: width + 9 });
}

// Colour: the glass of a reflective LCD, where segments that are off can just be seen.

const GLASS: Readonly<Record<Pixel, number>> = { bare: 250, off: 249, on: 234 };
/** No outline: the glass itself reaches half a sign further up and down, a whole one sideways. */
const GLASS_BOX: Box = {
  corners: [glassSign('▄'), glassSign('▄'), glassSign('▀'), glassSign('▀')],
  sides: [glassSign('▄'), glassSign('█')],
  foot: glassSign('▀'),
};

/** Rows of signs, on the colour of the glass if so wished. */
function glassRows(rows: readonly string[], colour: boolean): readonly string[] {
  return colour ? rows.map((row) => paint(row, GLASS.on, GLASS.bare)) : rows;
}

/** Two pixels a sign, each in its colour; neighbours alike share one escape. */
function paintPixels(pixels: Pixels): string[] {
  return pairs(pixels).map(([upper, lower]) => {
    const runs: { foreground: number; background: number; length: number }[] = [];
    upper.forEach((pixel, x) => {
      const [foreground, background] = [GLASS[pixel], GLASS[lower[x] ?? 'bare']];
      const last = runs.at(-1);
      if (last?.foreground === foreground && last.background === background) last.length += 1;
      else runs.push({ foreground, background, length: 1 });
    });
    return runs
      .map(({ foreground, background, length }) =>
        paint('▀'.repeat(length), foreground, background),
      )
      .join('');
  });
}

function glassSign(sign: string): string {
  return `\u001b[38;5;${GLASS.bare}m${sign}\u001b[0m`;
}

function paint(text: string, foreground: number, background: number): string {
  return `\u001b[38;5;${foreground};48;5;${background}m${text}\u001b[0m`;
}
