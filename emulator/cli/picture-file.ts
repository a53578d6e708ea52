import type { Serial } from '../../shared/types.ts';
import type { Reading } from '../device/types.ts';
import type { KeptDevice } from '../drawer/device-file.ts';
import { SCHEMES, type Scheme } from '../picture/colours.ts';
import { drawFobSvg } from '../picture/fob-svg.ts';
import { drawFrameSvg } from '../picture/frame-svg.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { Argument } from './command.ts';
import type { CliEnv } from './env.ts';
import { type PreparedFile, prepareNewFile } from './new-file.ts';

/** The options of a command that draws a token into files. */
export const PICTURE_OPTIONS = {
  svg: { describe: 'Draw it into this new SVG file; - for standard output' },
  png: { describe: 'Draw it into this new PNG file; - for standard output' },
  'only-display': { flag: true, describe: 'Draw the display alone, not the whole token' },
  scheme: {
    choices: SCHEMES,
    describe: 'Colours for a light page or a dark one; light if not given',
  },
  scale: { describe: 'PNG: pixels a unit, 1 to 8; 2 if not given, a token is then 1920 wide' },
  replace: { flag: true, describe: 'Replace the file where there is one' },
} as const satisfies Readonly<Record<string, Argument>>;

export interface PictureOrder {
  readonly svg: string | undefined;
  readonly png: string | undefined;
  readonly onlyDisplay: boolean;
  readonly scheme: Scheme;
  readonly scale: number;
  readonly replace: boolean;
}

const SCALE = { min: 1, max: 8, preset: 2 } as const;
const STANDARD_OUTPUT = '-';

/** What is to be drawn; undefined when no picture was asked for. */
export function pictureOrder(args: Arguments): PictureOrder | undefined {
  const [svg, png] = [args.text('svg'), args.text('png')];
  const scheme = SCHEMES.find((name) => name === args.text('scheme'));
  const scale = args.integer('scale', SCALE);
  const onlyDisplay = args.flag('only-display');
  const replace = args.flag('replace');
  if (svg === undefined && png === undefined) {
    if (scheme === undefined && scale === undefined && !onlyDisplay && !replace) return undefined;
    throw usageError('Say with --svg or --png where the picture goes');
  }
  if (scale !== undefined && png === undefined) throw usageError('--scale is for --png');
  const printed = [svg, png].filter((file) => file === STANDARD_OUTPUT).length;
  if (printed > 1 || (printed > 0 && args.flag('json'))) {
    throw usageError('Standard output takes one thing: name a file for the picture');
  }
  return {
    svg,
    png,
    onlyDisplay,
    scheme: scheme ?? 'light',
    scale: scale ?? SCALE.preset,
    replace,
  };
}

/** What was written, by kind; what went to standard output is not in it. */
export type Drawn = { readonly svg?: string; readonly png?: string };

/** Draws what was ordered; no file is in its place before all of them are written. */
export async function drawPictures(
  { device, labels }: KeptDevice,
  reading: Reading,
  { order, side, env }: { order: PictureOrder; side: 'front' | 'back'; env: CliEnv },
): Promise<Drawn> {
  const { serial, profile, parameters } = device;
  const { scheme, replace } = order;
  const svg = order.onlyDisplay
    ? drawFrameSvg(reading.frame, { scheme, icons: profile.display.icons })
    : drawFobSvg(reading, { serial, profile, parameters, labels, side, scheme });
  const contents: [string, string | Uint8Array][] = [];
  if (order.svg !== undefined) contents.push([order.svg, `${svg}\n`]);
  if (order.png !== undefined) {
    const { renderPng } = await import('../picture/render-png.ts');
    contents.push([order.png, await renderPng(svg, { scale: order.scale })]);
  }
  writeAll(contents, { replace, env });
  return {
    ...(isFile(order.svg) ? { svg: order.svg } : {}),
    ...(isFile(order.png) ? { png: order.png } : {}),
  };
}

function writeAll(
  contents: readonly (readonly [string, string | Uint8Array])[],
  { replace, env }: { replace: boolean; env: CliEnv },
): void {
  const prepared: PreparedFile[] = [];
  try {
    for (const [file, content] of contents) {
      if (isFile(file)) prepared.push(prepareNewFile(file, content, env.rng, { replace }));
    }
  } catch (error) {
    for (const each of prepared) each.discard();
    throw error;
  }
  for (const each of prepared) each.place();
  for (const [file, content] of contents) if (!isFile(file)) env.stdout.write(content);
}

function isFile(file: string | undefined): file is string {
  return file !== undefined && file !== STANDARD_OUTPUT;
}

/** What is said of the files. */
export function drawnLines(serial: Serial, { svg, png }: Drawn): string[] {
  return [svg, png].flatMap((file) => (file === undefined ? [] : [`Drew ${serial}: ${file}`]));
}
