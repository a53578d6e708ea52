import { drawFobSvg } from '../picture/fob-svg.ts';
import { drawFrameSvg } from '../picture/frame-svg.ts';
import { renderPng } from '../picture/render-png.ts';
import type { Seen } from './views.ts';

/** What a picture is sent as. */
export interface Picture {
  readonly mediaType: 'image/svg+xml' | 'image/png';
  readonly bytes: Uint8Array;
}

export interface PictureOrder {
  readonly format: 'svg' | 'png';
  /** The front of the token, its back, or the LCD alone. */
  readonly part: 'fob' | 'back' | 'display';
  /** Pixels a unit, for PNG. */
  readonly scale: number;
}

/** Beyond it a picture is larger than anybody needs, and takes a while. */
export const PICTURE_SCALE_MAX = 4;

export async function pictureOf(seen: Seen, order: PictureOrder): Promise<Picture> {
  const svg = drawPart(seen, order.part);
  return order.format === 'svg'
    ? { mediaType: 'image/svg+xml', bytes: new TextEncoder().encode(svg) }
    : { mediaType: 'image/png', bytes: await renderPng(svg, { scale: order.scale }) };
}

function drawPart({ kept, reading }: Seen, part: PictureOrder['part']): string {
  const { serial, profile, parameters } = kept.device;
  if (part === 'display') {
    return drawFrameSvg(reading.frame, { icons: profile.display.icons });
  }
  const { labels } = kept;
  const side = part === 'back' ? 'back' : 'front';
  return drawFobSvg(reading, { serial, profile, parameters, labels, side });
}
