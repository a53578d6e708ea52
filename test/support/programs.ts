import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Below the sources' folder: it is where `fobd` finds its dependencies. */
const CACHE = path.join(ROOT, '.cache/programs');
const CONFIG = 'esbuild.config.js';
const KEPT = 10;

/** Their entry files. */
export interface Programs {
  readonly fob: string;
  readonly fobd: string;
  /** `npm start` */
  readonly story: string;
}

let programs: Promise<Programs> | undefined;

/**
 * The programs as `npm run build` makes them, of the sources as they are now: built once for all
 * who ask, whichever process they run in. They start in a fraction of the time that it takes from
 * the sources.
 */
export function builtPrograms(): Promise<Programs> {
  programs ??= build();
  return programs;
}

async function build(): Promise<Programs> {
  const directory = path.join(CACHE, await stamp());
  if (!(await isThere(directory))) {
    const own = `${directory}.${process.pid}`;
    await mkdir(CACHE, { recursive: true });
    await promisify(execFile)(process.execPath, [CONFIG, own], { cwd: ROOT });
    try {
      await rename(own, directory);
    } catch (error) {
      // Somebody else has built the same meanwhile.
      await rm(own, { recursive: true, force: true });
      if (!(await isThere(directory))) throw error;
    }
    await removeOld();
  }
  const file = (name: string): string => path.join(directory, `${name}.js`);
  return { fob: file('fob'), fobd: file('fobd'), story: file('story') };
}

/** Which sources: their names, lengths and times of change. */
async function stamp(): Promise<string> {
  const hash = createHash('sha256');
  for (const part of ['emulator', 'firmware-spec', 'server', 'shared']) {
    const names = await readdir(path.join(ROOT, part), { recursive: true });
    for (const name of names.sort()) await addTo(hash, path.join(part, name));
  }
  for (const name of [CONFIG, 'package.json', 'package-lock.json']) await addTo(hash, name);
  return hash.digest('hex').slice(0, 16);
}

async function addTo(hash: ReturnType<typeof createHash>, name: string): Promise<void> {
  const { size, mtimeMs } = await stat(path.join(ROOT, name));
  hash.update(`${name} ${size} ${mtimeMs}\n`);
}

const isThere = (directory: string): Promise<boolean> =>
  stat(directory).then(
    () => true,
    () => false,
  );

/** What another builder takes away meanwhile counts as oldest: it is removed already. */
async function removeOld(): Promise<void> {
  const aged = await Promise.all(
    (await readdir(CACHE)).map(async (name) => {
      const { mtimeMs } = await stat(path.join(CACHE, name)).catch(() => ({ mtimeMs: 0 }));
      return { name, mtimeMs };
    }),
  );
  const old = aged.sort((one, other) => other.mtimeMs - one.mtimeMs).slice(KEPT);
  for (const { name } of old) await rm(path.join(CACHE, name), { recursive: true, force: true });
}
