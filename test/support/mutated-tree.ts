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
const PARTS = [...['server', 'shared', 'package.json'], ...['test/support', 'test/server']];

export interface MutatedTree {
  /** Where the copy lies. */
  readonly place: string;
  /** Loads a module of the copy, and all that it imports from the copy. */
  load(file: string): Promise<unknown>;
  remove(): void;
}

export interface MutatedTreeOptions {
  /** What is copied, from the repository's root. Default: what decisions are tested with. */
  readonly parts?: readonly string[];
  /** Tests as well. Default false. */
  readonly withTests?: boolean;
}

/** A copy of the server's sources with `patches` applied: what they defend against is let in. */
export function mutateTree(
  patches: readonly Patch[],
  { parts = PARTS, withTests = false }: MutatedTreeOptions = {},
): MutatedTree {
  const place = mkdtempSync(path.join(tmpdir(), 'fobtwin-mutated-'));
  for (const part of parts) {
    cpSync(path.join(ROOT, part), path.join(place, part), {
      recursive: true,
      filter: (source) => withTests || !source.endsWith('.test.ts'),
    });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(place, 'node_modules'));
  for (const { file, from, to } of patches) {
    const target = path.join(place, file);
    const pieces = readFileSync(target, 'utf8').split(from);
    if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times: ${from}`);
    writeFileSync(target, pieces.join(to));
  }
  return {
    place,
    load: (file) => import(pathToFileURL(path.join(place, file)).href),
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
}
