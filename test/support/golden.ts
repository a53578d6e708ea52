import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PNG } from 'pngjs';

/**
 * How far a picture may be from the one that was looked at: a pixel differs when one of its
 * channels is off by more than `channel` of 255, and so many of a thousand pixels may.
 */
export const TOLERANCE = { channel: 40, perMille: 0.4 } as const;

const SEEN = fileURLToPath(
  new URL('../../node_modules/.cache/fobtwin-golden-seen/', import.meta.url),
);

/** Set to write the pictures instead of comparing them; then look at each. */
const isWriting = (): boolean => process.env['FOBTWIN_WRITE_GOLDEN'] === '1';

/** The picture is the committed one, within the tolerance; else it is kept to be looked at. */
export function expectGolden(picture: Buffer, file: string): void {
  if (isWriting()) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, picture);
    return;
  }
  expect(existsSync(file), `${file} is there`).to.equal(true);
  const differing = differencePerMille(PNG.sync.read(picture), PNG.sync.read(readFileSync(file)));
  if (differing > TOLERANCE.perMille) {
    const actual = path.join(SEEN, path.basename(file));
    mkdirSync(path.dirname(actual), { recursive: true });
    writeFileSync(actual, picture);
    expect.fail(
      `${path.basename(file)}: ${differing.toFixed(1)} ‰ of the pixels differ: ${actual}`,
    );
  }
}

/** Pixels that differ, of a thousand; all of them where the sizes do. */
export function differencePerMille(one: PNG, other: PNG): number {
  if (one.width !== other.width || one.height !== other.height) return 1000;
  let differing = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    const isOff = [0, 1, 2].some((channel) => {
      const difference = (one.data[at + channel] ?? 0) - (other.data[at + channel] ?? 0);
      return Math.abs(difference) > TOLERANCE.channel;
    });
    if (isOff) differing += 1;
  }
  return (differing * 1000) / (one.data.length / 4);
}
