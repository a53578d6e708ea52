import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Peer } from '../../support/debian.ts';
import { builtPrograms } from '../../support/programs.ts';
import { straceArguments, TRACED_ENVIRONMENT, tracedProcess } from '../../support/strace.ts';

export interface TracedFobd {
  readonly address: string;
  /** Sends the signal to fobd itself. */
  signal(name: 'SIGKILL' | 'SIGTERM'): void;
  /** The whole trace, and the exit code or the signal that ended fobd. */
  readonly ended: Promise<{ readonly trace: string; readonly end: number | string | null }>;
}

/**
 * `fobd serve` under strace, listening. Built, and so without a loader, it is one process: all that
 * is traced is its own.
 */
export async function serveTraced(
  data: string,
  { strace, traceFile }: { readonly strace: Peer; readonly traceFile: string },
): Promise<TracedFobd> {
  const { fobd } = await builtPrograms();
  const serve = [fobd, 'serve', '--data', data, '--port', '0', '--json'];
  const quiet = ['--log-level', 'error'];
  const kept = Object.entries(strace.env).filter(([name]) => !/^(FOBD_|XDG_)/.test(name));
  const child = spawn(
    strace.path,
    [...straceArguments(traceFile), process.execPath, ...serve, ...quiet],
    { env: { ...Object.fromEntries(kept), ...TRACED_ENVIRONMENT }, stdio: 'pipe' },
  );
  child.stdin.end();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const ended = once(child, 'close');
  const first = await firstLine(child, ended);
  if (first === undefined) throw new Error(`fobd did not start under strace: ${said}`);
  const { address } = JSON.parse(first) as { address: string };
  const pid = tracedProcess(await readFile(traceFile, 'latin1'));
  if (pid === undefined) throw new Error('the trace does not tell the process');
  return {
    address,
    signal: (name) => void process.kill(pid, name),
    ended: ended.then(async () => ({
      trace: await readFile(traceFile, 'latin1'),
      end: child.exitCode ?? child.signalCode,
    })),
  };
}

async function firstLine(
  { stdout }: ChildProcess,
  ended: Promise<unknown>,
): Promise<string | undefined> {
  if (stdout === null) return undefined;
  const lines: string[] = [];
  const reader = createInterface({ input: stdout });
  reader.on('line', (line) => lines.push(line));
  await Promise.race([once(reader, 'line'), ended]);
  return lines[0];
}
