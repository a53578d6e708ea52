import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXAMPLES } from './outside.ts';

/** As `npm run build` made them, with the page of `fob face` beside them. */
const PROGRAMS = ['fob', 'fobd'] as const;
const fileOf = (program: string): string =>
  fileURLToPath(new URL(`../../dist/${program}.js`, import.meta.url));

/** `fob` and `fobd` as a user has them who installed the package, and copies of the examples. */
export interface FobOnPath {
  /** Where an example was copied to. */
  example(name: string): string;
  /** A directory that is not there yet. */
  newPlace(name: string): string;
  /** What to run an example in: both are on PATH, and what they keep is nobody else's. */
  environment(extra?: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function putFobOnPath(): Promise<FobOnPath> {
  const place = await mkdtemp(path.join(tmpdir(), 'fobtwin-examples-'));
  const programs = path.join(place, 'bin');
  await mkdir(programs);
  await cp(EXAMPLES, path.join(place, 'examples'), { recursive: true });
  for (const name of PROGRAMS) {
    const program = path.join(programs, name);
    await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${fileOf(name)}" "$@"\n`);
    await chmod(program, 0o755);
  }
  return {
    example: (name) => path.join(place, 'examples', name),
    newPlace: (name) => path.join(place, name),
    environment: (extra = {}) => ({
      PATH: `${programs}:${process.env['PATH'] ?? ''}`,
      FOB_DRAWER: path.join(place, 'drawer'),
      XDG_STATE_HOME: path.join(place, 'state'),
      XDG_CONFIG_HOME: path.join(place, 'config'),
      XDG_DATA_HOME: path.join(place, 'data'),
      ...extra,
    }),
    async remove() {
      await rm(place, { recursive: true, force: true });
    },
  };
}
