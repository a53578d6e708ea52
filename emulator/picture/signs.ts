import { type Attributes, element, type Point, placed, short } from './markup.ts';

/**
 * Letters as strokes, as a plotter draws them, so that no picture depends on a font. Capitals are
 * 10 units high; each sign begins at its upper left corner and moves relative to it.
 */
const SIGNS: Readonly<Record<string, readonly [width: number, strokes: string]>> = {
  A: [7, 'm0 10l3.5-10l3.5 10m-5.9-3.3h4.8'],
  B: [6, 'm0 0h3.2a2.45 2.45 0 0 1 0 4.9h-3.2m0 0h3.4a2.55 2.55 0 0 1 0 5.1h-3.4v-10'],
  C: [7, 'm6.9 2.3a3.7 5 0 1 0 0 5.4'],
  D: [6.6, 'm0 0h2.6a4 5 0 0 1 0 10h-2.6z'],
  E: [5.5, 'm5.5 0h-5.5v10h5.5m-5.5-5.1h4.6'],
  F: [5.4, 'm5.4 0h-5.4v10m0-5.1h4.5'],
  G: [7, 'm6.9 2.3a3.7 5 0 1 0 .1 5.2v-2.3h-2.8'],
  H: [6.5, 'm0 0v10m6.5-10v10m-6.5-5.1h6.5'],
  I: [0, 'm0 0v10'],
  J: [4.5, 'm4.5 0v7.4a2.25 2.6 0 0 1-4.5 .3'],
  K: [6.2, 'm0 0v10m6-10l-6 6.2m2.4-2.5l3.8 6.3'],
  L: [5, 'm0 0v10h5'],
  M: [8, 'm0 10v-10l4 7l4-7v10'],
  N: [6.5, 'm0 10v-10l6.5 10v-10'],
  O: [7.6, 'm3.8 0a3.8 5 0 1 0 0 10a3.8 5 0 1 0 0-10z'],
  P: [5.8, 'm0 10v-10h3.1a2.75 2.75 0 0 1 0 5.5h-3.1'],
  Q: [7.6, 'm3.8 0a3.8 5 0 1 0 0 10a3.8 5 0 1 0 0-10zm.9 7.3l2.7 2.9'],
  R: [6, 'm0 10v-10h3.1a2.7 2.7 0 0 1 0 5.4h-3.1m3 0l3 4.6'],
  S: [
    5.8,
    'm5.5 1.7c-.5-1.1-1.5-1.7-2.7-1.7c-1.6 0-2.7.9-2.7 2.4c0 3.4 5.7 1.7 5.7 5.1' +
      'c0 1.6-1.2 2.5-2.9 2.5c-1.4 0-2.5-.7-2.9-1.9',
  ],
  T: [6.6, 'm0 0h6.6m-3.3 0v10'],
  U: [6.4, 'm0 0v6.6a3.2 3.4 0 0 0 6.4 0v-6.6'],
  V: [7, 'm0 0l3.5 10l3.5-10'],
  W: [10, 'm0 0l2.5 10l2.5-9l2.5 9l2.5-10'],
  X: [6.4, 'm0 0l6.4 10m0-10l-6.4 10'],
  Y: [6.4, 'm0 0l3.2 5l3.2-5m-3.2 5v5'],
  Z: [6, 'm0 0h6l-6 10h6'],
  '0': [5.8, 'm2.9 0a2.9 5 0 1 0 0 10a2.9 5 0 1 0 0-10z'],
  '1': [2.8, 'm0 2.2l2.8-2.2v10'],
  '2': [5.6, 'm.2 2.5c.2-1.5 1.2-2.5 2.7-2.5c1.6 0 2.6 1 2.6 2.5c0 2.4-3.4 3.9-5.4 7.5h5.6'],
  '3': [
    5.6,
    'm.3 1.8c.4-1.1 1.3-1.8 2.5-1.8c1.5 0 2.5.9 2.5 2.3c0 1.5-1.1 2.4-2.9 2.4' +
      'c1.9 0 3.2 1 3.2 2.6c0 1.6-1.2 2.7-2.9 2.7c-1.4 0-2.4-.7-2.7-2',
  ],
  '4': [6, 'm4.3 10v-10l-4.3 7.2h6'],
  '5': [
    5.6,
    'm5 0h-4.2l-.4 4.4c.6-.5 1.4-.8 2.2-.8c1.8 0 3 1.3 3 3.1c0 1.9-1.3 3.3-3.1 3.3' +
      'c-1.2 0-2.1-.6-2.5-1.6',
  ],
  '6': [
    5.6,
    'm5 .9c-.5-.6-1.2-.9-2-.9c-2 0-3 2.2-3 5.4c0 2.9 1 4.6 2.9 4.6c1.6 0 2.7-1.3 2.7-3.1' +
      'c0-1.8-1.1-3-2.7-3c-1.3 0-2.5.9-2.8 2.5',
  ],
  '7': [5.4, 'm0 0h5.4l-3.6 10'],
  '8': [
    5.6,
    'm2.8 0a2.35 2.3 0 1 0 0 4.6a2.35 2.3 0 1 0 0-4.6zm0 4.6a2.8 2.7 0 1 0 0 5.4' +
      'a2.8 2.7 0 1 0 0-5.4z',
  ],
  '9': [
    5.6,
    'm.6 9.1c.5.6 1.2.9 2 .9c2 0 3-2.2 3-5.4c0-2.9-1-4.6-2.9-4.6c-1.6 0-2.7 1.3-2.7 3.1' +
      'c0 1.8 1.1 3 2.7 3c1.3 0 2.5-.9 2.8-2.5',
  ],
  '-': [3.6, 'm0 5.3h3.6'],
  '.': [0, 'm0 9.9h.01'],
  ',': [0.6, 'm.6 9.5l-.6 2.1'],
  ':': [0, 'm0 4h.01m-.01 5.6h.01'],
  _: [5.4, 'm0 10.8h5.4'],
  '/': [4, 'm0 10.8l4-11.6'],
  '+': [5, 'm0 5.3h5m-2.5-2.5v5'],
  '(': [1.8, 'm1.8-.8a8.4 8.4 0 0 0 0 11.6'],
  ')': [1.8, 'm0-.8a8.4 8.4 0 0 1 0 11.6'],
  "'": [0, 'm0 0v2.6'],
  '?': [5, 'm0 2.4c.2-1.5 1.1-2.4 2.5-2.4c1.5 0 2.5.9 2.5 2.3c0 2-2.6 2.2-2.6 4.7m0 2.9h.01'],
  '&': [
    7.6,
    'm7.4 10l-5.4-6.4c-1-1.2-.7-3.6 1.5-3.6c2.4 0 2.6 2.9.6 4.1l-1.9 1.2c-2.8 1.8-2.2 4.7.6 4.7' +
      'c2.2 0 3.9-1.8 4.3-4.3',
  ],
  '#': [7.4, 'm2.7 0l-1.4 10m4.8-10l-1.4 10m-4-6.8h6.7m-7.4 3.6h6.7'],
  '@': [
    9.3,
    'm6.4 3.1v2.7c0 2.5 2.8 1.8 2.8-1a4.6 4.8 0 1 0-2 4.2m-.8-4.2a1.9 2.1 0 1 0-3.8 0' +
      'a1.9 2.1 0 1 0 3.8 0',
  ],
  ' ': [2.6, ''],
};
const UNKNOWN: readonly [number, string] = SIGNS['?'] ?? [0, ''];
const CAPITAL = 10;
/** Between two signs, in the same units. */
const SPACING = 2.3;

export interface SignOptions {
  /** Height of a capital, in the picture's units. */
  readonly size: number;
  readonly colour: string;
  /** What of a capital's height a stroke is thick. Default 0.13. */
  readonly weight?: number;
  /** What is added between two signs, as a part of a capital's height. Default 0. */
  readonly tracking?: number;
  /** What of the text lies at the point. Default `start`. */
  readonly anchor?: 'start' | 'middle' | 'end';
  /** No wider than this: the text is made smaller where it would be. */
  readonly widthMax?: number;
}

/**
 * Text in capitals, drawn; its upper edge is at the point. Signs that the plotter does not know are
 * drawn as question marks.
 */
export function drawSigns(text: string, { x, y }: Point, options: SignOptions): string {
  const { size, colour, weight = 0.13, tracking = 0, anchor = 'start' } = options;
  const { strokes, width } = layOut(text, tracking * CAPITAL);
  const wanted = size / CAPITAL;
  const scale =
    options.widthMax === undefined || width === 0
      ? wanted
      : Math.min(wanted, options.widthMax / width);
  const left = x - width * scale * { start: 0, middle: 0.5, end: 1 }[anchor];
  // A text that was made smaller stays in the middle of its line.
  const top = y + (size - CAPITAL * scale) / 2;
  if (strokes === '') return '';
  const transform = placed({ x: left, y: top }, scale);
  return element('path', { d: strokes, ...stroked(colour, weight), transform });
}

/** Capitals without accents; the letters below them remain. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();

const stroked = (colour: string, weight: number): Attributes => ({
  fill: 'none',
  stroke: colour,
  'stroke-width': weight * CAPITAL,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
});

function layOut(text: string, tracking: number): { strokes: string; width: number } {
  let strokes = '';
  let end = 0;
  for (const sign of plain(text)) {
    const [width, drawn] = SIGNS[sign] ?? UNKNOWN;
    const left = end === 0 ? 0 : end + SPACING + tracking;
    if (drawn !== '') strokes += `M${short(left)} 0${drawn}`;
    // A sign as thin as its stroke still takes a place.
    end = left + Math.max(width, 0.01);
  }
  return { strokes, width: end };
}
