import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import type { Serial, TokenParameters } from '../../shared/types.ts';
import type { Reading } from '../device/types.ts';
import { COLOURS, type Colours, mix, type Scheme } from './colours.ts';
import { drawBack } from './fob-back.ts';
import { drawCase } from './fob-case.ts';
import { type FobKey, type FobPlan, type PlacedKey, planFob } from './fob-plan.ts';
import { BEZEL, describeFrame, drawLcdAt } from './frame-svg.ts';
import { partsOf, planLcd } from './lcd-plan.ts';
import { circle, element, filled, placed, short, svgDocument } from './markup.ts';
import { drawSigns } from './signs.ts';

export interface FobPictureOptions {
  readonly serial: Serial;
  readonly profile: Profile;
  /** Default `front`. */
  readonly side?: 'front' | 'back';
  /** The colours of a light page or of a dark one. Default `light`. */
  readonly scheme?: Scheme;
  /** What is said to those who do not see it. Default: serial and display, or the label's text. */
  readonly title?: string;
  /** The key that a finger holds down. Default: none. */
  readonly pressed?: FobKey;
  /** How it makes codes, for the label. Default: as its profile says. */
  readonly parameters?: TokenParameters;
  /** Who made it and who hands it out, for the label; text of any kind. */
  readonly labels?: { readonly manufacturer?: string; readonly issuer?: string };
}

/**
 * The whole token as SVG: a key ring's fob with LCD and button, a card with a PIN pad for a profile
 * that has one, or its back with the label: serial, bar code and model. Pure, and as free of fonts
 * and ids as `drawFrameSvg`, whose words on use in a page hold here too.
 *
 * The picture is not operable by itself. A page lays real buttons over it, where `planFob(profile)`
 * says; `pressed` draws one of them held down.
 */
export function drawFobSvg(reading: Reading, options: FobPictureOptions): string {
  const { profile, side = 'front', scheme = 'light' } = options;
  const plan = planFob(profile);
  const colours = COLOURS[scheme];
  if (side === 'back') {
    const title = options.title ?? `The back of ${options.serial} (${profile.title})`;
    return svgDocument({ ...plan, title }, drawBack(plan, { ...options, colours }));
  }
  const title = options.title ?? `${options.serial}. ${describeFrame(reading.frame)}`;
  const front = drawFront(reading, plan, { ...options, colours });
  const turn = `rotate(180 ${short(plan.width / 2)} ${short(plan.height / 2)})`;
  const content = reading.frame.rotated ? element('g', { transform: turn }, front) : front;
  return svgDocument({ ...plan, title }, content);
}

interface FrontOptions extends FobPictureOptions {
  readonly colours: Colours;
}

function drawFront({ frame }: Reading, plan: FobPlan, options: FrontOptions): string {
  const { colours, profile, pressed } = options;
  const upsideDown = frame.rotated;
  const keys = plan.keys.map((key) =>
    drawKey(key, { colours, upsideDown, pressed: key.key === pressed }),
  );
  return (
    drawCase(plan, { colours, upsideDown }) +
    drawLcdAndPrint(plan, profile, { frame, colours }) +
    keys.join('')
  );
}

const BRAND = 'Fobtwin';
/** The case's upper edge, in every shape. */
const CASE_TOP = 22;

/** The LCD as large as its window allows, in the middle of it; above it the make and the model. */
function drawLcdAndPrint(
  { window }: FobPlan,
  { name, display }: Profile,
  { frame, colours }: Pick<Reading, 'frame'> & { readonly colours: Colours },
): string {
  const lcd = planLcd(partsOf(frame, display.icons));
  const [width, height] = [lcd.width + 2 * BEZEL, lcd.height + 2 * BEZEL];
  const scale = Math.min(window.width / width, window.height / height);
  const x = window.x + (window.width - width * scale) / 2;
  const y = window.y + (window.height - height * scale) / 2;
  // The case is turned as a whole; the LCD must not be turned once more.
  const drawn = drawLcdAt({ ...frame, rotated: false }, lcd, {
    ...{ x: BEZEL, y: BEZEL },
    colours,
    upsideDown: frame.rotated,
  });
  const line = { size: 14, colour: colours.print };
  const lineAt = (CASE_TOP + y) / 2 - line.size / 2 + 3;
  const right = x + width * scale;
  return (
    drawSigns(BRAND, { x: x + 4, y: lineAt }, { ...line, tracking: 0.25, weight: 0.15 }) +
    drawSigns(name, { x: right - 4, y: lineAt }, { ...line, anchor: 'end', tracking: 0.12 }) +
    element('g', { transform: placed({ x, y }, scale) }, drawn)
  );
}

interface KeyOptions {
  readonly colours: Colours;
  readonly upsideDown: boolean;
  readonly pressed: boolean;
}

function drawKey(key: PlacedKey, { colours, upsideDown, pressed }: KeyOptions): string {
  const { radius } = key;
  const down = upsideDown ? -1 : 1;
  const main = key.key === 'button';
  const face = main
    ? { side: colours.keySide, up: colours.keyFace, held: colours.keyPressed, rim: colours.keyRim }
    : {
        side: colours.caseShade,
        up: colours.caseRim,
        held: mix(colours.caseRim, colours.caseShade, 0.55),
        rim: colours.print,
      };
  const lift = pressed ? 0.5 : 4;
  const top = { x: key.x, y: key.y - lift * down };
  return (
    filled(circle(key, radius + 7), colours.well) +
    filled(circle(key, radius), face.side) +
    filled(circle(top, radius), pressed ? face.held : face.rim) +
    filled(circle({ ...top, y: top.y + 1.6 * down }, radius - 1.2), pressed ? face.held : face.up) +
    drawKeySign(key, top.y, main ? colours.keyPrint : colours.paper)
  );
}

/** Digits stand as they are; the button bears the sign for standby, the enter key its arrow. */
function drawKeySign({ key, x, radius }: PlacedKey, y: number, colour: string): string {
  if (/^[0-9]$/.test(key)) {
    return drawSigns(key, { x, y: y - 16 }, { size: 32, colour, anchor: 'middle', weight: 0.11 });
  }
  const stroke = {
    fill: 'none',
    stroke: colour,
    'stroke-width': 4.2,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    transform: placed({ x, y }, radius / 47),
  };
  const d =
    key === 'enter'
      ? 'M15-14V-1A7 7 0 0 1 8 6H-16M-8-3L-17 6L-8 15'
      : 'M0-17V-3M-9.6-11.8A15 15 0 1 0 9.6-11.8';
  return element('path', { d, ...stroke });
}
