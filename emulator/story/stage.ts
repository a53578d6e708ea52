import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { FobtwinError } from '../../shared/errors.ts';

/**
 * The two programs as processes of their own, as a person would start them. The story knows them
 * only by their command lines and their answers.
 */
export interface Stage {
  readonly drawer: string;
  readonly data: string;
  /** Runs `fob ARGS --json` to its end. */
  fob<Answer>(...args: string[]): Promise<Answer>;
  /** Runs `fobd ARGS --json` to its end. */
  fobd<Answer>(...args: string[]): Promise<Answer>;
  /** Starts `fobd serve`; resolves once it listens. */
  serve(port: number): Promise<Server>;
  /** Starts `fob run`, on this terminal where there is one. Resolves when it has ended. */
  runToken(serial: string): Promise<void>;
  /** Ends what still runs and waits for it; from then on nothing is started. */
  close(): Promise<void>;
}

export interface Server {
  readonly address: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
}

export interface StageOptions {
  /** The folder with `fob.js` and `fobd.js`. */
  readonly programs: string;
  /** A folder of the story's own. */
  readonly directory: string;
  readonly interactive: boolean;
}

const STOP_MILLIS_MAX = 15_000;
const OUTPUT_CHARACTERS_MAX = 16 * 1024 * 1024;

export function createStage({ programs, directory, interactive }: StageOptions): Stage {
  const drawer = path.join(directory, 'drawer');
  const data = path.join(directory, 'data');
  const running = new Set<ChildProcess>();
  let closed = false;

  const start = (program: string, args: readonly string[], stdio: StdioOptions) => {
    if (closed) throw new FobtwinError('unavailable', 'The stage is closed');
    const file = path.join(programs, `${program}.js`);
    const child = spawn(process.execPath, [file, ...args], { stdio });
    running.add(child);
    child.once('close', () => running.delete(child));
    return child;
  };
  const runJson = async <Answer>(program: string, args: readonly string[]): Promise<Answer> => {
    const child = start(program, [...args, '--json'], ['ignore', 'pipe', 'pipe']);
    return answerOf(child, `${program} ${args[0] ?? ''}`);
  };

  return {
    drawer,
    data,
    fob: (...args) => runJson('fob', [...args, '--drawer', drawer]),
    fobd: (...args) => runJson('fobd', [...args, '--data', data]),
    async serve(port) {
      const args = [
        'serve',
        '--data',
        data,
        '--port',
        String(port),
        '--log-level',
        'warn',
        '--json',
      ];
      const child = start('fobd', args, ['ignore', 'pipe', 'inherit']);
      const ended = once(child, 'exit').then(() => {});
      return { address: await addressOf(child), ended };
    },
    async runToken(serial) {
      const args = ['run', serial, '--inline', '--drawer', drawer];
      const stdin = interactive ? 'inherit' : 'pipe';
      const child = start('fob', args, [stdin, 'inherit', 'inherit']);
      await once(child, 'exit');
    },
    async close() {
      closed = true;
      await Promise.all([...running].map(stop));
    },
  };
}

/** What a program that runs to its end says: one JSON object on standard output. */
async function answerOf<Answer>(child: ChildProcess, name: string): Promise<Answer> {
  const texts = { stdout: '', stderr: '' };
  for (const from of ['stdout', 'stderr'] as const) {
    child[from]?.setEncoding('utf8').on('data', (text: string) => {
      texts[from] += text;
      if (texts[from].length > OUTPUT_CHARACTERS_MAX) child.kill('SIGKILL');
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  if (exitCode === 0) return JSON.parse(texts.stdout) as Answer;
  throw new FobtwinError('internal', `${name} failed: ${texts.stderr.trim()}`);
}

/** The first line that `fobd serve --json` prints is `{"address": …}`. */
async function addressOf(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new FobtwinError('internal', 'fobd has no standard output');
  const lines = createInterface({ input: stdout });
  for await (const line of lines) {
    const { address } = JSON.parse(line) as { address: string };
    stdout.resume();
    return address;
  }
  throw new FobtwinError('unavailable', 'fobd ended before it listened', {
    nextStep: 'What it said stands above.',
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS_MAX);
  await ended;
  clearTimeout(timer);
}
