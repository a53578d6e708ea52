import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { invalidInput } from '../../shared/errors.ts';

/** More pixels a unit than any screen or print needs. */
const SCALE_MAX = 8;

export interface PngOptions {
  /** Pixels a unit of the picture, over 0 up to 8. Default 2. */
  readonly scale?: number;
}

/**
 * One of this room's pictures as PNG: the same bytes on every machine, since pictures hold paths
 * alone and no font is ever looked for. What is around a fob is transparent.
 *
 * @param svg what `drawFrameSvg` or `drawFobSvg` gave; nothing outside it is fetched
 */
export async function renderPng(svg: string, { scale = 2 }: PngOptions = {}): Promise<Uint8Array> {
  if (!(scale > 0 && scale <= SCALE_MAX)) {
    throw invalidInput('scale', 'badFormat', `A scale is a number over 0 up to ${SCALE_MAX}`);
  }
  await started();
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { loadSystemFonts: false },
  });
  try {
    const image = renderer.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    renderer.free();
  }
}

let starting: Promise<void> | undefined;

/** The renderer is WebAssembly, loaded once and only when a picture is wanted. */
function started(): Promise<void> {
  starting ??= start();
  return starting;
}

/** Found as a package, from the sources and from a bundle beside `node_modules` alike. */
async function start(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
  await initWasm(await readFile(file));
}
