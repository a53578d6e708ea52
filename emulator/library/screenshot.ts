import { invalidInput } from '../../shared/errors.ts';
import type { Device, Reading } from '../device/types.ts';

export interface PictureOptions {
  /** Default `png`. */
  readonly format?: 'png' | 'svg';
  /** The LCD alone, or the whole token from one side. Default `lcd`. */
  readonly of?: 'lcd' | 'front' | 'back';
  /** The colours of a light page or of a dark one. Default `light`. */
  readonly scheme?: 'light' | 'dark';
  /** PNG: pixels a unit of the picture, over 0 up to 8. Default 2. */
  readonly scale?: number;
}

/** SVG is text, PNG bytes. */
export type Picture<Options extends PictureOptions> = Options extends { readonly format: 'svg' }
  ? string
  : Uint8Array;

export async function takePicture<Options extends PictureOptions>(
  device: Device,
  reading: Reading,
  options: PictureOptions = {},
): Promise<Picture<Options>> {
  const { format = 'png', scale = 2 } = options;
  if (format !== 'png' && format !== 'svg') {
    throw invalidInput('format', 'oneOf', 'format is one of png, svg');
  }
  const svg = await drawSvg(device, reading, options);
  if (format === 'svg') return svg as Picture<Options>;
  const { png } = await import('./png.ts');
  return (await png(svg, scale)) as Picture<Options>;
}

async function drawSvg(
  device: Device,
  reading: Reading,
  { of: part = 'lcd', scheme = 'light' }: PictureOptions,
): Promise<string> {
  const { serial, profile } = device;
  if (part === 'lcd') {
    const { drawFrameSvg } = await import('../picture/frame-svg.ts');
    return drawFrameSvg(reading.frame, { scheme, icons: profile.display.icons });
  }
  if (part !== 'front' && part !== 'back') {
    throw invalidInput('of', 'oneOf', 'of is one of lcd, front, back');
  }
  const { drawFobSvg } = await import('../picture/fob-svg.ts');
  return drawFobSvg(reading, { side: part, serial, profile, scheme });
}
