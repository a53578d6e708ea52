import { SEGMENTS } from '../../firmware-spec/display.ts';
import type { Frame } from './types.ts';

/** A large LCD as pixels, two of which stand in one sign of a terminal, one above the other. */

/** What a pixel of the glass is: bare, a segment or mark that is off, or one that is on. */
export type Pixel = 'bare' | 'off' | 'on';
export type Pixels = readonly (readonly Pixel[])[];

/** One cell: each letter is a pixel of that segment; dots are bare glass. */
const CELL = [
  '.aaaaa.',
  'f.aaa.b',
  'ff...bb',
  'ff...bb',
  'ff...bb',
  'f.ggg.b',
  '.ggggg.',
  'e.ggg.c',
  'ee...cc',
  'ee...cc',
  'ee...cc',
  'e.ddd.c',
  '.ddddd.',
] as const;
const SEGMENT_NAMES: readonly string[] = SEGMENTS;
const MARK_PIXELS = 2;

/** All rows of the glass as it is held, top to bottom; every row is equally long. */
export function pixelsOf(frame: Frame): Pixels {
  const upright = CELL.map((row, y) => [
    ...markPixels(frame, y),
    ...frame.cells.flatMap((mask) => ['bare' as const, ...cellPixels(row, mask)]),
    'bare' as const,
  ]);
  return frame.rotated ? upright.reverse().map((row) => row.reverse()) : upright;
}

function cellPixels(row: string, mask: number): Pixel[] {
  return [...row].map((name) => {
    const bit = SEGMENT_NAMES.indexOf(name);
    if (bit < 0) return 'bare';
    return (mask & (1 << bit)) === 0 ? 'off' : 'on';
  });
}

/** Marks are a stack of bars on the left edge, the first at the foot; the top one goes first. */
function markPixels({ marks, marksMax }: Frame, y: number): Pixel[] {
  if (marksMax === 0) return [];
  const fromFoot = CELL.length - 2 - y;
  const mark = fromFoot / 2;
  const isMark = fromFoot >= 0 && Number.isInteger(mark) && mark < marksMax;
  const pixel: Pixel = !isMark ? 'bare' : mark < marks ? 'on' : 'off';
  return ['bare', ...new Array<Pixel>(MARK_PIXELS).fill(pixel), 'bare'];
}

/** Pairs of rows as half blocks. */
export function halfBlocks(pixels: Pixels): string[] {
  return pairs(pixels).map(([upper, lower]) =>
    upper.map((pixel, x) => HALF_BLOCKS[onBit(pixel) + 2 * onBit(lower[x])]).join(''),
  );
}
const HALF_BLOCKS = [' ', '▀', '▄', '█'];
const onBit = (pixel: Pixel | undefined): number => (pixel === 'on' ? 1 : 0);

/** Every second row in one sign; where marks stand, they stand in the odd rows. */
export function blocks(
  pixels: Pixels,
  { marksMax, rotated }: Pick<Frame, 'marksMax' | 'rotated'>,
  sign: string,
): string[] {
  const edge = marksMax === 0 ? 0 : MARK_PIXELS + 2;
  return pairs(pixels).map(([upper, lower]) =>
    upper
      .map((pixel, x) => ((rotated ? upper.length - 1 - x : x) < edge ? lower[x] : pixel))
      .map((pixel) => (pixel === 'on' ? sign : ' '))
      .join(''),
  );
}

/** Rows two by two; a last single row is paired with bare glass. */
export function pairs(pixels: Pixels): [readonly Pixel[], readonly Pixel[]][] {
  const couples: [readonly Pixel[], readonly Pixel[]][] = [];
  for (let y = 0; y < pixels.length; y += 2) {
    const upper = pixels[y] ?? [];
    couples.push([upper, pixels[y + 1] ?? upper.map(() => 'bare')]);
  }
  return couples;
}
