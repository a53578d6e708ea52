import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { addressOf, answerOf, stop } from '../scenario/program.ts';

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
