import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '../../shared/client/client.ts';
import { builtPrograms } from './programs.ts';

/** fobd as processes of its own, as a person would start them. */

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Root too is held to permissions, as any other user is. Default false. */
  readonly heedsPermissions?: boolean;
  readonly cwd?: string;
  /** Shell commands before fobd takes the shell's place: limits, say. */
  readonly prelude?: string;
}

/** The environment of every fobd that is started here: none of the variables that fobd reads. */
function cleanEnvironment(extra: RunOptions['env']): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(FOBD_|XDG_)/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Debian's util-linux: what lets root pass permissions by is taken from the process. */
const HEEDING = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];

async function start(args: readonly string[], options: RunOptions): Promise<ChildProcess> {
  const { fobd } = await builtPrograms();
  const { env, cwd, prelude, heedsPermissions = false } = options;
  const program = [
    ...(heedsPermissions && process.getuid?.() === 0 ? HEEDING : []),
    ...[process.execPath, fobd, ...args],
  ];
  const [file = '', ...rest] =
    prelude === undefined ? program : ['sh', '-c', `${prelude}; exec "$0" "$@"`, ...program];
  return spawn(file, rest, {
    env: cleanEnvironment(env),
    cwd: cwd ?? ROOT,
  });
}

/** One whole run of a command. */
export async function runFobdProcess(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = await start(args, options);
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
  stdin.end(options.input ?? '');
  const ended = once(child, 'close');
  const [out, err] = await Promise.all([text(stdout), text(stderr)]);
  await ended;
  return { code: child.exitCode, stdout: out, stderr: err };
}

export interface ServingFobd {
  readonly address: string;
  readonly pid: number;
  /** What it has written to standard error so far. */
  log(): string;
  /** Resolves once that stands in it, with what was matched. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
  /** Lines of standard output after the first. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  client(apiKey?: string): Client;
}

/** Starts `fobd serve` on a free port and waits until it listens. */
export const startFobd = (
  data: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<ServingFobd> => startListening(['serve', '--data', data, ...args], options);

/** Likewise any command that listens until it is stopped. */
export async function startListening(
  args: readonly string[],
  options: RunOptions = {},
): Promise<ServingFobd> {
  const child = await start([...args, '--port', '0', '--json'], options);
  const { stdout, stderr, pid } = child;
  if (stdout === null || stderr === null || pid === undefined) throw new Error('no pipes');
  let log = '';
  stderr.setEncoding('utf8').on('data', (piece: string) => {
    log += piece;
  });
  const ended = once(child, 'close').then(() => child.signalCode ?? child.exitCode ?? Number.NaN);
  const lines: string[] = [];
  const reader = createInterface({ input: stdout });
  reader.on('line', (line) => lines.push(line));
  await Promise.race([once(reader, 'line'), ended]);
  const [first] = lines;
  if (first === undefined) throw new Error(`fobd did not start: ${log}`);
  const { address } = JSON.parse(first) as { address: string };
  return {
    address,
    pid,
    log: () => log,
    async logged(pattern) {
      for (;;) {
        const match = pattern.exec(log);
        if (match !== null) return match;
        const more = await Promise.race([once(stderr, 'data'), ended]);
        if (!Array.isArray(more)) throw new Error(`fobd ended (${more}): ${log}`);
      }
    },
    output: () => lines.slice(1).join('\n'),
    signal: (name) => child.kill(name),
    ended,
    client: (apiKey) =>
      createClient({ baseUrl: address, fetch, ...(apiKey === undefined ? {} : { apiKey }) }),
  };
}

/** A directory of the test's own, and what removes it. */
export async function temporaryDirectory(): Promise<{
  readonly place: string;
  remove(): Promise<void>;
}> {
  const place = await mkdtemp(path.join(tmpdir(), 'fobd-test-'));
  return { place, remove: () => rm(place, { recursive: true, force: true }) };
}

export interface InitResult {
  readonly data: string;
  readonly administrator: { readonly id: string; readonly apiKey: string };
}
