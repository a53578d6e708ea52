import { element, escapeXml } from './markup.ts';

/** What charts are drawn with. */

const INK = '#1c2430';

/** From values to places. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  /** A value's place in the picture. */
  readonly place: (value: number) => number;
}

export type Ends = {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
};

/** A straight line, dashed or not. */
export function line(ends: Ends, stroke: string, dashes?: string): string {
  return element('line', { ...ends, stroke, 'stroke-dasharray': dashes });
}

export interface TextStyle {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly fill?: string;
  readonly weight?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** Words of a chart; they need a font, unlike other pictures. */
export function text(words: string, { x, y, size, fill = INK, weight, anchor }: TextStyle) {
  const style = { x, y, fill, 'font-size': size, 'font-weight': weight, 'text-anchor': anchor };
  return element('text', style, escapeXml(words));
}
