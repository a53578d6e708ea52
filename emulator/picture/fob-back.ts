import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import type { Serial, TokenParameters } from '../../shared/types.ts';
import { type BarCode, code128, QUIET_MODULES } from './code128.ts';
import type { Colours } from './colours.ts';
import { drawCase } from './fob-case.ts';
import type { FobPlan } from './fob-plan.ts';
import { element, filled, inset, type Rect, roundedRect, short } from './markup.ts';
import { drawSigns } from './signs.ts';

/** The back of a fob: the case turned over, and a label on it. */

export interface BackOptions {
  readonly serial: Serial;
  readonly profile: Profile;
  readonly colours: Colours;
  readonly parameters?: TokenParameters;
  readonly labels?: { readonly manufacturer?: string; readonly issuer?: string };
}

export function drawBack(plan: FobPlan, options: BackOptions): string {
  const { colours } = options;
  const turnedOver = `translate(${short(plan.width)} 0) scale(-1 1)`;
  const bare = drawCase(plan, { colours, upsideDown: false });
  return element('g', { transform: turnedOver }, bare) + drawLabel(labelPlace(plan), options);
}

/** Turned over, the loop for the key ring is on the right. */
function labelPlace({ shape, width, height }: FobPlan): Rect {
  return shape === 'fob'
    ? { x: 72, y: 56, width: 616, height: 208 }
    : { x: 70, y: (height - 280) / 2, width: width - 140, height: 280 };
}

const PADDING = 26;
const HEIGHTS = { title: 19, serial: 27, bars: 72, barsMin: 24, small: 13 } as const;
const BLANK_MIN = 17;

/** Title, serial, bars and small print under each other, with even blanks between them. */
function drawLabel(place: Rect, options: BackOptions): string {
  const { colours, serial, profile } = options;
  const inner = inset(place, PADDING);
  const left = inner.height - HEIGHTS.title - HEIGHTS.serial - HEIGHTS.small;
  const barCode = code128(serial);
  const barsHeight = Math.min(HEIGHTS.bars, left - 3 * BLANK_MIN);
  const hasBars = moduleWidth(barCode, inner.width) > 0 && barsHeight >= HEIGHTS.barsMin;
  const blank = hasBars ? (left - barsHeight) / 3 : left / 2;
  const serialAt = inner.y + HEIGHTS.title + blank;
  const barsAt = serialAt + HEIGHTS.serial + blank;
  const line = (
    text: string,
    y: number,
    style: { size: number; colour: string; weight?: number },
  ) =>
    drawSigns(
      text,
      { x: inner.x + inner.width / 2, y },
      { anchor: 'middle', tracking: 0.08, widthMax: inner.width, ...style },
    );
  const bars: Rect = { ...inner, y: barsAt, height: barsHeight };
  return (
    filled(roundedRect(inset(place, -1.5), 15.5), colours.paperEdge, { 'fill-opacity': 0.55 }) +
    filled(roundedRect(place, 14), colours.paper) +
    line(kindOf(profile), inner.y, { size: HEIGHTS.title, colour: colours.paperInk }) +
    line(`S/N ${serial}`, serialAt, {
      size: HEIGHTS.serial,
      colour: colours.paperInk,
      weight: 0.14,
    }) +
    (hasBars ? drawBars(barCode, bars, colours.paperInk) : '') +
    line(smallPrint(options), inner.y + inner.height - HEIGHTS.small, {
      size: HEIGHTS.small,
      colour: colours.paperGrey,
    })
  );
}

/** A title goes on with digits and step; those of this token stand in the small print. */
function kindOf({ title }: Profile): string {
  return brief(title.split(',')[0] ?? title);
}

const LABEL_SIGNS_MAX = 48;

/** Labels come from foreign files and may be of any length. */
function brief(text: string): string {
  const signs = [...text];
  return signs.length > LABEL_SIGNS_MAX
    ? `${signs.slice(0, LABEL_SIGNS_MAX - 3).join('')}...`
    : text;
}

type SmallPrint = Pick<BackOptions, 'profile' | 'labels'> & {
  readonly parameters?: TokenParameters | Profile;
};

function smallPrint({ profile, parameters = profile, labels = {} }: SmallPrint): string {
  const { type, digits, algorithm } = parameters;
  const stepSeconds = 'stepSeconds' in parameters ? parameters.stepSeconds : undefined;
  const step = stepSeconds === undefined ? '' : ` ${stepSeconds} s`;
  const codes = `${type}${step} / ${digits} digits / ${algorithm}`;
  const names = [labels.manufacturer, labels.issuer].flatMap((name) =>
    name === undefined ? [] : [brief(name)],
  );
  return [codes, ...names].join(' / ');
}

const MODULE_MAX = 3;

/**
 * Whole units a module, so that bars stay sharp; 0 for a serial that is too long for the label: a
 * module narrower than a unit could not be read off a picture.
 */
function moduleWidth({ modules }: BarCode, width: number): number {
  return Math.min(MODULE_MAX, Math.floor(width / (modules + 2 * QUIET_MODULES)));
}

function drawBars(barCode: BarCode, place: Rect, ink: string): string {
  const module = moduleWidth(barCode, place.width);
  const left = Math.round(place.x + (place.width - barCode.modules * module) / 2);
  const top = Math.round(place.y);
  const height = Math.round(place.height);
  const outlines = barCode.bars.map(({ from, modules }) => {
    const width = modules * module;
    return `M${left + from * module} ${top}h${width}v${height}h-${width}Z`;
  });
  return filled(outlines.join(''), ink);
}
