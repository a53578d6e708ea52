import { type ChildProcess, execFile, type StdioOptions, spawn } from 'node:child_process';
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
  /** Starts `fobd serve` and resolves with its address once it listens. */
  serve(port: number): Promise<string>;
  /** Starts `fob run`, on this terminal where there is one. Resolves when it has ended. */
  runToken(serial: string): Promise<void>;
  /** Ends what still runs and waits for it. */
  close(): Promise<void>;
}

export interface StageOptions {
  /** The folder with `fob.js` and `fobd.js`. */
  readonly programs: string;
  /** A folder of the story's own. */
  readonly directory: string;
  readonly interactive: boolean;
}

const STOP_MILLIS_MAX = 15_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

export function createStage({ programs, directory, interactive }: StageOptions): Stage {
  const drawer = path.join(directory, 'drawer');
  const data = path.join(directory, 'data');
  const running: ChildProcess[] = [];

  const start = (program: string, args: readonly string[], stdio: StdioOptions) => {
    const file = path.join(programs, `${program}.js`);
    const child = spawn(process.execPath, [file, ...args], { stdio });
    running.push(child);
    return child;
  };

  return {
    drawer,
    data,
    fob: (...args) => runJson(path.join(programs, 'fob.js'), [...args, '--drawer', drawer]),
    fobd: (...args) => runJson(path.join(programs, 'fobd.js'), [...args, '--data', data]),
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
      return addressOf(child);
    },
    async runToken(serial) {
      const args = ['run', serial, '--drawer', drawer];
      const stdin = interactive ? 'inherit' : 'pipe';
      const child = start('fob', args, [stdin, 'inherit', 'inherit']);
      await once(child, 'exit');
    },
    async close() {
      await Promise.all(running.map(stop));
    },
  };
}

/** One whole run of a program; its one JSON object on standard output. */
function runJson<Answer>(program: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const argv = [program, ...args, '--json'];
    const options = { maxBuffer: OUTPUT_BYTES_MAX };
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(JSON.parse(stdout) as Answer);
        return;
      }
      const name = path.basename(program, '.js');
      reject(
        new FobtwinError('internal', `${name} ${args[0] ?? ''} failed: ${stderr.trim()}`, {
          cause: error,
        }),
      );
    });
  });
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
