import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FobtwinError } from '../../shared/errors.ts';

/** The scenarios that come with fob, and the fobd beside it: found by looking upwards from here. */

const SHIPPED = path.join('emulator', 'scenario', 'shipped');
const LEVELS_MAX = 5;

/** A scenario that can be run by its name. */
export interface ShippedScenario {
  /** `drift-then-resync`: its file's name without the ending. */
  readonly name: string;
  readonly file: string;
}

/** In the order of their names. */
export async function shippedScenarios(): Promise<readonly ShippedScenario[]> {
  const folder = findUpwards(SHIPPED);
  if (folder === undefined) {
    throw new FobtwinError('fileUnreadable', 'The shipped scenarios are not beside this fob', {
      nextStep: 'Install it again, or name a file.',
    });
  }
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  return files.map((file) => ({
    name: path.basename(file, '.yaml'),
    file: path.join(folder, file),
  }));
}

/** The file of fobd's program: beside this fob's when built, in its room when run from source. */
export function fobdProgram(): string {
  const file = findUpwards('fobd.js') ?? findUpwards(path.join('server', 'cli', 'main.ts'));
  if (file !== undefined) return file;
  throw new FobtwinError('unavailable', 'There is no fobd beside this fob', {
    nextStep: 'Name one that runs: --fobd URL, with its API key in FOB_API_KEY.',
  });
}

function findUpwards(name: string): string | undefined {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    const place = path.join(folder, name);
    if (existsSync(place)) return place;
    folder = path.dirname(folder);
  }
  return undefined;
}
