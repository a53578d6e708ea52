import { spawn } from 'node:child_process';
import { builtPrograms } from './programs.ts';

export interface ProcessResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FobProgram {
  /** Its entry file. */
  readonly file: string;
  /** One whole process. */
  run(argv: readonly string[], options?: { readonly stdin?: string }): Promise<ProcessResult>;
}

/** `fob` as it is built. */
export async function fobProgram(): Promise<FobProgram> {
  const { fob } = await builtPrograms();
  return { file: fob, run: (argv, { stdin = '' } = {}) => runNode([fob, ...argv], stdin) };
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
