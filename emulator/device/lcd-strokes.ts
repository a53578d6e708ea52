import { SEGMENTS, type Segment } from '../../firmware-spec/display.ts';

/** A small LCD: each cell three signs wide and three high, drawn with line signs. */

const bitOf = (segment: Segment): number => 1 << SEGMENTS.indexOf(segment);
const has = (mask: number, segment: Segment): boolean => (mask & bitOf(segment)) !== 0;

/** Line signs by the directions in which they run: 1 up, 2 right, 4 down, 8 left. */
const HEAVY_LINES = ' ╹╺┗╻┃┏┣╸┛━┻┓┫┳╋';
const LIGHT_LINES = ' ╵╶└╷│┌├╴┘─┴┐┤┬┼';
const HORIZONTAL = 2 + 8;

export interface StrokeOptions {
  /** Faded segments are drawn thinner. */
  readonly faint: boolean;
}

/**
 * The six corners of a cell, as rows of left and right: which segments meet there, in the order
 * up, right, down, left.
 */
const CORNERS: readonly (readonly (readonly (Segment | undefined)[])[])[] = [
  [
    [undefined, 'a', 'f', undefined],
    [undefined, undefined, 'b', 'a'],
  ],
  [
    ['f', 'g', 'e', undefined],
    ['b', undefined, 'c', 'g'],
  ],
  [
    ['e', 'd', undefined, undefined],
    ['c', undefined, undefined, 'd'],
  ],
];
const BARS: readonly Segment[] = ['a', 'g', 'd'];

/** Three rows of three signs; corners join the segments that meet in them. */
export function strokes(mask: number, { faint }: StrokeOptions): string[] {
  const lines = faint ? LIGHT_LINES : HEAVY_LINES;
  return CORNERS.map((row, index) => {
    const bar = BARS[index];
    const middle = bar !== undefined && has(mask, bar) ? lines.charAt(HORIZONTAL) : ' ';
    return row.map((corner) => lines.charAt(directionsOf(mask, corner))).join(middle);
  });
}

function directionsOf(mask: number, corner: readonly (Segment | undefined)[]): number {
  return corner.reduce(
    (sum, segment, direction) =>
      segment !== undefined && has(mask, segment) ? sum | (1 << direction) : sum,
    0,
  );
}

/** The same in ASCII: underscores and bars, or dots and colons. */
export function asciiStrokes(mask: number, { faint }: StrokeOptions): string[] {
  const [flat, tall] = faint ? ['.', ':'] : ['_', '|'];
  const sign = (segment: Segment, shape: string) => (has(mask, segment) ? shape : ' ');
  return [
    ` ${sign('a', flat)} `,
    sign('f', tall) + sign('g', flat) + sign('b', tall),
    sign('e', tall) + sign('d', flat) + sign('c', tall),
  ];
}
