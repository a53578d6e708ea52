import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { temporaryDirectory } from './fob-env.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ProcessResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FobBundle {
  /** The bundle's entry file. */
  readonly file: string;
  /** One whole process. */
  run(argv: readonly string[], options?: { readonly stdin?: string }): Promise<ProcessResult>;
  remove(): void;
}

/** `fob` as `npm run build` makes it, in a place of its own. */
export async function bundleFob(): Promise<FobBundle> {
  const directory = temporaryDirectory();
  await build({
    absWorkingDir: ROOT,
    entryPoints: { fob: 'emulator/cli/main.ts' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    outdir: directory.path,
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
    minifySyntax: true,
    banner: {
      js:
        "import { createRequire as __createRequire } from 'node:module';" +
        'const require = __createRequire(import.meta.url);',
    },
  });
  const file = path.join(directory.path, 'fob.mjs');
  return {
    file,
    run: (argv, { stdin = '' } = {}) => runNode([file, ...argv], stdin),
    remove: directory.remove,
  };
}

/** Runs this Node with these arguments to its end. */
export function runNode(argv: readonly string[], stdin = ''): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...argv], { stdio: 'pipe' });
    const texts = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      texts.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      texts.stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...texts }));
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

/** Works through items with so many at a time, in order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
