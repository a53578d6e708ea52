import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PNG } from 'pngjs';
import { FobtwinError } from '../../shared/errors.ts';
import { drawFrameSvg } from '../picture/frame-svg.ts';
import { renderPng } from '../picture/render-png.ts';
import type { ArgumentOf } from './commands.ts';
import type { Checked } from './mismatch.ts';
import type { World } from './world.ts';

/** The LCD as a picture: saved, or compared with one that was saved before. */

export interface ScreenshotContext {
  readonly world: World;
  readonly part: string;
  /** Where both files stand. */
  readonly directory: string;
}

export async function takeScreenshot(
  { 'save-to': saveTo, 'compare-with': compareWith }: ArgumentOf<'take-screenshot'>,
  { world, part, directory }: ScreenshotContext,
): Promise<Checked> {
  const { icons } = world.device(part).profile.display;
  const svg = drawFrameSvg(world.reading(part).frame, { icons });
  if (saveTo !== undefined) {
    const picture = saveTo.endsWith('.svg') ? svg : await renderPng(svg);
    await save(path.join(directory, saveTo), picture);
  }
  if (compareWith === undefined) return undefined;
  const golden = await load(path.join(directory, compareWith), compareWith);
  return compare(PNG.sync.read(Buffer.from(await renderPng(svg))), golden);
}

async function save(file: string, picture: string | Uint8Array): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, picture);
  } catch (error) {
    throw new FobtwinError('fileUnwritable', `${file} cannot be written`, { cause: error });
  }
}

async function load(file: string, name: string): Promise<PNG> {
  try {
    return PNG.sync.read(await readFile(file));
  } catch (error) {
    throw new FobtwinError('fileUnreadable', `${name} is not a PNG picture that can be read`, {
      nextStep: 'Make it with save-to first, and look at it.',
      cause: error,
    });
  }
}

const PIXEL_BYTES = 4;

/** Pixel by pixel: pictures hold no fonts, so that they are the same on every computer. */
function compare(seen: PNG, golden: PNG): Checked {
  if (seen.width !== golden.width || seen.height !== golden.height) {
    return {
      expected: `a picture of ${golden.width} x ${golden.height}`,
      seen: `one of ${seen.width} x ${seen.height}`,
    };
  }
  const pixels = seen.width * seen.height;
  const differing: number[] = [];
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const from = pixel * PIXEL_BYTES;
    const to = from + PIXEL_BYTES;
    if (!seen.data.subarray(from, to).equals(golden.data.subarray(from, to))) differing.push(pixel);
  }
  const [first] = differing;
  if (first === undefined) return undefined;
  const x = first % seen.width;
  const y = Math.floor(first / seen.width);
  const seenText = `${differing.length} pixels that differ, the first at ${x}, ${y}`;
  return { expected: 'the same picture', seen: seenText };
}
