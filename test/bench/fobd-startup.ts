import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { timed } from './fob-startup.ts';
import { median, spread, table } from './report.ts';

const ROUNDS = 15;
const PROGRAM = 'dist/fobd.js';

/**
 * What a person waits for a command of `fobd`: its help, one question to the fobd that serves the
 * data directory, and the same question where none serves and the command opens the store itself.
 * One after the other in each round, so that what else the machine does meets all alike.
 */
export async function benchFobdStartup(write: (text: string) => void): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-bench-'));
  let serving: ChildProcess | undefined;
  try {
    const [served, alone] = [path.join(directory, 'served'), path.join(directory, 'alone')];
    for (const data of [served, alone]) timed([PROGRAM, 'init', '--data', data]);
    serving = await serve(served);
    const commands = {
      'node -e 0': ['-e', '0'],
      'fobd --help': [PROGRAM, '--help'],
      'fobd token list, fobd serves': [PROGRAM, 'token', 'list', '--data', served],
      'fobd token list, none serves': [PROGRAM, 'token', 'list', '--data', alone],
    };
    const times = Object.entries(commands).map(([name, argv]) => ({
      ...{ name, argv, millis: [] as number[] },
    }));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { argv, millis } of times) millis.push(timed(argv));
    }
    const least = median(times[0]?.millis ?? []);
    const rows = times.map(({ name, millis }) => [
      ...[name, spread(millis), (median(millis) / least).toFixed(1)],
    ]);
    write(`${table(['process', 'ms: median (least to most)', 'ratio'], rows)}\n`);
  } finally {
    serving?.kill('SIGTERM');
    if (serving !== undefined) await once(serving, 'exit');
    await rm(directory, { recursive: true, force: true });
  }
}

/** Resolves once it listens. */
async function serve(data: string): Promise<ChildProcess> {
  const args = [PROGRAM, 'serve', '--data', data, '--port', '0', '--json', '--log-level', 'warn'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { done } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (done === true) throw new Error('fobd ended before it listened');
  return child;
}
