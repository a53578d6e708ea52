import { mkdir, open, writeFile } from 'node:fs/promises';
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
  const seen = PNG.sync.read(Buffer.from(await renderPng(svg)));
  const golden = await load(path.join(directory, compareWith), compareWith);
  return differentSize(seen, golden) ?? compare(seen, decoded(golden, compareWith));
}

async function save(file: string, picture: string | Uint8Array): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, picture);
  } catch (error) {
    throw new FobtwinError('fileUnwritable', `${file} cannot be written`, { cause: error });
  }
}

/** A picture of the LCD is far smaller. */
const GOLDEN_BYTES_MAX = 4 * 1024 * 1024;

async function load(file: string, name: string): Promise<Buffer> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (size <= GOLDEN_BYTES_MAX) return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(name, error);
  }
  throw unreadable(name);
}

function decoded(golden: Buffer, name: string): PNG {
  try {
    return PNG.sync.read(golden);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, cause?: unknown): FobtwinError {
  return new FobtwinError('fileUnreadable', `${name} is not a PNG picture that can be read`, {
    nextStep: 'Make it with save-to first, and look at it.',
    cause,
  });
}

/** Where the first chunk, IHDR, has width and height (PNG, section 11.2.1). */
const WIDTH_AT = 16;
const HEIGHT_AT = 20;

/** Told from its first bytes: a small file may hold a picture that fills all memory. */
function differentSize(seen: PNG, golden: Buffer): Checked {
  if (golden.length < HEIGHT_AT + 4) return undefined;
  const [width, height] = [golden.readUInt32BE(WIDTH_AT), golden.readUInt32BE(HEIGHT_AT)];
  if (golden.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  if (seen.width === width && seen.height === height) return undefined;
  return {
    expected: `a picture of ${width} x ${height}`,
    seen: `one of ${seen.width} x ${seen.height}`,
  };
}

const PIXEL_BYTES = 4;

/** Pixel by pixel: pictures hold no fonts, so that they are the same on every computer. */
function compare(seen: PNG, golden: PNG): Checked {
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
