import { SEGMENTS } from '../../firmware-spec/display.ts';
import { ICONS, type Icon } from '../../firmware-spec/vocabulary.ts';
import { readFrame } from '../device/lcd.ts';
import type { Frame } from '../device/types.ts';
import { COLOURS, type Colours, mix, type Scheme } from './colours.ts';
import { type LcdPlan, partsOf, planLcd, segmentsOn } from './lcd-plan.ts';
import { element, filled, inset, type Rect, roundedRect, short, svgDocument } from './markup.ts';

export interface FramePictureOptions {
  /** The colours of a light page or of a dark one. Default `light`. */
  readonly scheme?: Scheme;
  /** What is said to those who do not see it. Default: what is read off the display. */
  readonly title?: string;
  /** The icons that this LCD has, shown or not. Default: all. A profile says which. */
  readonly icons?: readonly Icon[];
}

/**
 * An LCD as SVG: the glass in its frame, segments, countdown marks and icons; those that are off
 * can just be seen, as on a reflective LCD. Pure, and the same everywhere: no fonts, ids, styles or
 * scripts, so that any number of pictures stand on one page.
 *
 * A page puts the text into an element of its own and draws it anew when the frame changes; the
 * picture has a natural size and may be given another by the page's style (`width: 100%; height:
 * auto`). Its `<title>` says what is read, for a screen reader; announce a new code by the page's
 * own live region, since a replaced picture is not announced.
 *
 *     const { icons } = profile.display;
 *     lcd.innerHTML = drawFrameSvg(reading.frame, { scheme: 'dark', icons });
 */
export function drawFrameSvg(frame: Frame, options: FramePictureOptions = {}): string {
  const { scheme = 'light', icons = ICONS, title = describeFrame(frame) } = options;
  const plan = planLcd(partsOf(frame, icons));
  const size = { width: plan.width + 2 * BEZEL, height: plan.height + 2 * BEZEL };
  const content = drawLcdAt(frame, plan, { x: BEZEL, y: BEZEL, colours: COLOURS[scheme] });
  return svgDocument({ ...size, title }, content);
}

/** How far the frame reaches beyond the glass, in the glass's units. */
export const BEZEL = 11;

export interface LcdPlace {
  /** The glass's upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly colours: Colours;
  /** Whether all around it is turned over too: light still falls from above. Default false. */
  readonly upsideDown?: boolean;
}

/** The LCD with its frame, as part of a picture; turned over where the frame says so. */
export function drawLcdAt(frame: Frame, plan: LcdPlan, place: LcdPlace): string {
  const { x, y, colours, upsideDown = false } = place;
  const glass: Rect = { x: 0, y: 0, width: plan.width, height: plan.height };
  const signs = drawSigns(frame, plan, { colours, upsideDown });
  const turn = `rotate(180 ${short(plan.width / 2)} ${short(plan.height / 2)})`;
  return element(
    'g',
    { transform: `translate(${short(x)} ${short(y)})` },
    drawGlass(glass, { colours, upsideDown }) +
      (frame.rotated ? element('g', { transform: turn }, signs) : signs),
  );
}

/** What the display says, in a sentence. */
export function describeFrame(frame: Frame): string {
  if (!frame.lit) return 'The display is dark';
  const read = readFrame(frame);
  const shown = read === '' ? 'The display cannot be read' : `The display shows ${read}`;
  const icons = frame.icons.map((icon) => `, with the ${icon} sign`).join('');
  const marks = frame.marksMax === 0 ? '' : `, ${frame.marks} of ${frame.marksMax} marks`;
  return `${shown}${icons}${marks}${frame.rotated ? ', upside down' : ''}`;
}

const GLASS_CORNER = 9;
/** The frame's shadow on the sunken glass, from its edge inwards. */
const SUNK = [1.6, 3.4, 5.6];

interface Lit {
  readonly colours: Colours;
  readonly upsideDown: boolean;
}

function drawGlass(glass: Rect, { colours, upsideDown }: Lit): string {
  const { glass: reflector, bezel, bezelEdge } = colours;
  const frame = inset(glass, -BEZEL);
  const outer = roundedRect(frame, GLASS_CORNER + BEZEL);
  const shade = SUNK.map((depth) => {
    const lit = { ...inset(glass, depth / 3), y: glass.y + (upsideDown ? depth / 3 : depth) };
    const height = glass.height - depth - depth / 3;
    return filled(
      roundedRect(glass, GLASS_CORNER) + roundedRect({ ...lit, height }, GLASS_CORNER),
      '#000000',
      { 'fill-opacity': 0.07, 'fill-rule': 'evenodd' },
    );
  });
  return (
    filled(outer, bezel) +
    element('path', {
      d: roundedRect(inset(frame, 0.75), GLASS_CORNER + BEZEL - 0.75),
      fill: 'none',
      stroke: bezelEdge,
      'stroke-width': 1.5,
      'stroke-opacity': 0.55,
    }) +
    filled(roundedRect(glass, GLASS_CORNER), reflector) +
    shade.join('')
  );
}

/** A segment's ink stands above the reflector and throws a shadow on it. */
const INK_SHADOW = { x: 1.1, y: 1.8, opacity: 0.13 } as const;

/**
 * How far a segment's colour is from off to wholly on, 0 to 1. The paler ink is, the less of it is
 * seen: what nobody can read is hardly more than a segment that is off.
 */
export function inkShare({ lit, contrast }: Pick<Frame, 'lit' | 'contrast'>): number {
  return lit ? Math.min(1, Math.max(0, contrast)) ** 1.5 : 0;
}

function drawSigns(frame: Frame, plan: LcdPlan, { colours, upsideDown }: Lit): string {
  const { on, off } = outlinesOf(frame, plan);
  const share = inkShare(frame);
  const ink = mix(colours.ghost, colours.ink, share);
  const style = { 'fill-rule': 'evenodd', 'stroke-linejoin': 'round', 'stroke-width': 0.9 };
  const painted = (outline: string, colour: string) =>
    filled(outline, colour, { ...style, stroke: colour });
  const sign = frame.rotated || upsideDown ? -1 : 1;
  const shadow = filled(on, colours.ink, {
    'fill-rule': 'evenodd',
    'fill-opacity': INK_SHADOW.opacity * share,
    transform: `translate(${short(sign * INK_SHADOW.x)} ${short(sign * INK_SHADOW.y)})`,
  });
  return painted(off, colours.ghost) + (share === 0 ? '' : shadow) + painted(on, ink);
}

/** What is on and what is off, an outline each. */
function outlinesOf(frame: Frame, plan: LcdPlan): { readonly on: string; readonly off: string } {
  const on: string[] = [];
  const off: string[] = [];
  frame.cells.forEach((mask, cell) => {
    const shown = new Set(frame.lit ? segmentsOn(mask) : []);
    for (const segment of SEGMENTS) {
      (shown.has(segment) ? on : off).push(plan.segment(cell, segment));
    }
  });
  for (let place = 0; place < frame.marksMax; place += 1) {
    (frame.lit && place < frame.marks ? on : off).push(plan.mark(place));
  }
  for (const icon of plan.icons) {
    (frame.lit && frame.icons.includes(icon) ? on : off).push(plan.icon(icon));
  }
  return { on: on.join(''), off: off.join('') };
}
