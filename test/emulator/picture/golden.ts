import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';

/**
 * Pictures that were looked at and found good. A picture may differ from its golden one in a
 * thousandth of its pixels, where a channel counts as different beyond 8 of 255: another version of
 * the renderer may round an edge otherwise, and nothing more.
 */
const CHANNEL_TOLERANCE = 8;
const PIXEL_SHARE_TOLERANCE = 0.001;

const FOLDER = new URL('golden/', import.meta.url);

/** Set to draw the golden pictures anew; look at each of them before it is kept. */
const DRAWS_ANEW = process.env['FOBTWIN_DRAW_GOLDEN'] === '1';

/** @throws Error that says by how much the picture differs from its golden one */
export async function compareWithGolden(name: string, png: Uint8Array): Promise<void> {
  const file = fileURLToPath(new URL(`${name}.png`, FOLDER));
  if (DRAWS_ANEW) {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(file, PNG.sync.write(decodePng(png), { deflateLevel: 9 }));
    return;
  }
  const share = differingShare(decodePng(await readFile(file)), decodePng(png));
  if (share > PIXEL_SHARE_TOLERANCE) {
    throw new Error(`${name}: ${(100 * share).toFixed(2)} % of the pixels differ from ${file}`);
  }
}

export function decodePng(png: Uint8Array): PNG {
  return PNG.sync.read(Buffer.from(png));
}

/** The part of the pixels that differ visibly; all of them where the sizes do. */
export function differingShare(one: PNG, other: PNG): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  let differing = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    const channels = [0, 1, 2, 3].map((channel) =>
      Math.abs((one.data[at + channel] ?? 0) - (other.data[at + channel] ?? 0)),
    );
    if (Math.max(...channels) > CHANNEL_TOLERANCE) differing += 1;
  }
  return differing / (one.width * one.height);
}
