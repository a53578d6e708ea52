import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A change to one source file: `from` stands in it once. */
export interface Patch {
  /** From the repository's root. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What a test of the server's decisions is made of. */
const PARTS = [
  ...['server', 'shared', 'package.json'],
  ...['test/support', 'test/server/tokens', 'test/server/radius'],
];

export interface MutatedTree {
  /** Loads a module of the copy, and all that it imports from the copy. */
  load(file: string): Promise<unknown>;
  remove(): void;
}

/** A copy of the server's sources with `patches` applied: what they defend against is let in. */
export function mutateTree(patches: readonly Patch[]): MutatedTree {
  const place = mkdtempSync(path.join(tmpdir(), 'fobtwin-mutated-'));
  for (const part of PARTS) {
    cpSync(path.join(ROOT, part), path.join(place, part), {
      recursive: true,
      filter: (source) => !source.endsWith('.test.ts'),
    });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(place, 'node_modules'));
  for (const { file, from, to } of patches) {
    const target = path.join(place, file);
    const parts = readFileSync(target, 'utf8').split(from);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
    writeFileSync(target, parts.join(to));
  }
  return {
    load: (file) => import(pathToFileURL(path.join(place, file)).href),
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
}
