import { SEGMENTS, type Segment } from '../../firmware-spec/display.ts';
import { READABLE_CONTRAST } from './lcd.ts';
import { blocks, halfBlocks, type Pixel, type Pixels, pairs, pixelsOf } from './lcd-pixels.ts';
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

/**
 * Lines of equal width, without line ends. A faded display is drawn thinner, or in a paler colour;
 * plain text leaves away what nobody could read. Icons stand as words in the upper edge, and in the
 * lower one of a device that is held upside down.
 */
export function drawLcd(frame: Frame, options: DrawOptions = {}): string[] {
  const { size = 'small', colour = false, ascii = false } = options;
  const seen = colour ? frame : asSeenInPlainText(frame);
  const box = { ...(ascii ? ASCII_BOX : ROUND_BOX), ...captionOf(frame) };
  if (size === 'small') {
    const glass = smallGlass(seen, ascii);
    return framed(glassRows(glass, seen, colour), { box, width: glass[0]?.length ?? 0 });
  }
  return drawLarge(seen, { colour, ascii, box });
}

/** Below this a display is drawn as faded. */
const FAINT_CONTRAST = 0.7;

const isFaint = ({ contrast }: Frame): boolean => contrast < FAINT_CONTRAST;

function asSeenInPlainText(frame: Frame): Frame {
  if (frame.contrast >= READABLE_CONTRAST) return frame;
  return { ...frame, cells: frame.cells.map(() => 0), marks: 0 };
}

interface Box {
  /** Corners from top left clockwise, then the horizontal and the vertical side. */
  readonly corners: readonly [string, string, string, string];
  readonly sides: readonly [string, string];
  /** The lower horizontal side where it differs. */
  readonly foot?: string;
  /** Words in the upper edge on the right, or in the lower one on the left. */
  readonly caption?: string;
  readonly upsideDown?: boolean;
}
const ROUND_BOX: Box = { corners: ['╭', '╮', '╯', '╰'], sides: ['─', '│'] };
const ASCII_BOX: Box = { corners: ['+', '+', '+', '+'], sides: ['-', '|'] };

function captionOf({ lit, icons, contrast, rotated }: Frame): Partial<Box> {
  const shown = lit && contrast >= READABLE_CONTRAST ? icons : [];
  return shown.length === 0 ? {} : { caption: ` ${shown.join(', ')} `, upsideDown: rotated };
}

function framed(rows: readonly string[], { box, width }: { box: Box; width: number }): string[] {
  const [topLeft, topRight, bottomRight, bottomLeft] = box.corners;
  const [horizontal, vertical] = box.sides;
  const { caption = '', upsideDown = false, foot = horizontal } = box;
  const words = caption.length < width ? caption : '';
  const rest = width - words.length;
  const last = words === '' ? 0 : 1;
  const top = upsideDown
    ? horizontal.repeat(width)
    : horizontal.repeat(rest - last) + words + horizontal.repeat(last);
  const bottom = upsideDown
    ? foot.repeat(last) + words + foot.repeat(rest - last)
    : foot.repeat(width);
  return [
    topLeft + top + topRight,
    ...rows.map((row) => vertical + row + vertical),
    bottomLeft + bottom + bottomRight,
  ];
}

// Small: three rows of line signs.

function smallGlass(frame: Frame, ascii: boolean): string[] {
  const faint = isFaint(frame);
  const masks = frame.rotated ? frame.cells.map(turnedOver).reverse() : frame.cells;
  const cells = masks.map((mask) => (ascii ? asciiStrokes : strokes)(mask, { faint }));
  return [0, 1, 2].map((row) => {
    const signs = cells.map((cell) => cell[row]).join(' ');
    if (frame.marksMax === 0) return ` ${signs} `;
    const marks = smallMarks(frame, { fromFoot: frame.rotated ? row : 2 - row, ascii });
    return frame.rotated ? ` ${signs} ${[...marks].reverse().join('')} ` : ` ${marks} ${signs} `;
  });
}

const UPSIDE_DOWN: Readonly<Record<Segment, Segment>> = {
  a: 'd',
  b: 'e',
  c: 'f',
  d: 'a',
  e: 'b',
  f: 'c',
  g: 'g',
};

function turnedOver(mask: number): number {
  return SEGMENTS.reduce((turned, segment, bit) => {
    const place = SEGMENTS.indexOf(UPSIDE_DOWN[segment]);
    return (mask & (1 << bit)) === 0 ? turned : turned | (1 << place);
  }, 0);
}

/** Two marks a row, or as many as it takes; the first at the foot. */
function smallMarks(frame: Frame, { fromFoot, ascii }: { fromFoot: number; ascii: boolean }) {
  const perRow = Math.ceil(frame.marksMax / 3);
  const first = fromFoot * perRow;
  const shown = Math.min(perRow, Math.max(0, frame.marks - first));
  const [thin, thick] = ascii ? ['-', '='] : ['▫', '▪'];
  return (isFaint(frame) ? thin : thick).repeat(shown).padEnd(perRow);
}

// Large: pixels in half blocks, in a fob with its button.

const BUTTON_TOP = 3;

interface LargeOptions {
  readonly colour: boolean;
  readonly ascii: boolean;
  readonly box: Box;
}

function drawLarge(frame: Frame, { colour, ascii, box }: LargeOptions): string[] {
  const pixels = pixelsOf(frame);
  const width = pixels[0]?.length ?? 0;
  const plainBox = ascii ? ASCII_BOX : ROUND_BOX;
  const display =
    colour && !ascii
      ? framed(paintPixels(pixels, frame), { box: GLASS_BOX, width })
      : framed(glassRows(largeSigns(pixels, frame, ascii), frame, colour), {
          box: plainBox,
          width,
        });
  const button = framed(['  '], { box: plainBox, width: 2 });
  const noButton = ' '.repeat(4);
  const body = display.map((row, y) => {
    const beside = button[y - BUTTON_TOP] ?? noButton;
    return frame.rotated ? ` ${beside} ${row} ` : ` ${row} ${beside} `;
  });
  return framed(body, { box, width: width + 9 });
}

function largeSigns(pixels: Pixels, frame: Frame, ascii: boolean): string[] {
  if (ascii) return blocks(pixels, frame, isFaint(frame) ? ':' : '#');
  return isFaint(frame) ? blocks(pixels, frame, '░') : halfBlocks(pixels);
}

// Colour: the glass of a reflective LCD, where segments that are off can just be seen.

const GLASS: Readonly<Record<Pixel, number>> = { bare: 250, off: 249, on: 234 };
/** No outline: the glass itself reaches half a sign further up and down, a whole one sideways. */
const GLASS_BOX: Box = {
  corners: [glassSign('▄'), glassSign('▄'), glassSign('▀'), glassSign('▀')],
  sides: [glassSign('▄'), glassSign('█')],
  foot: glassSign('▀'),
};

/** A segment that is on: of the 24 greys the one between off and wholly on. */
function inkOf({ contrast }: Frame): number {
  const kept = Math.min(1, Math.max(0, contrast));
  return Math.round(GLASS.off + (GLASS.on - GLASS.off) * kept);
}

/** Rows of signs, on the colour of the glass if so wished. */
function glassRows(rows: readonly string[], frame: Frame, colour: boolean): readonly string[] {
  return colour ? rows.map((row) => paint(row, inkOf(frame), GLASS.bare)) : rows;
}

/** Two pixels a sign, each in its colour; neighbours alike share one escape. */
function paintPixels(pixels: Pixels, frame: Frame): string[] {
  const colours = { ...GLASS, on: inkOf(frame) };
  return pairs(pixels).map(([upper, lower]) => {
    const runs: { foreground: number; background: number; length: number }[] = [];
    upper.forEach((pixel, x) => {
      const [foreground, background] = [colours[pixel], colours[lower[x] ?? 'bare']];
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
