import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { FobtwinError } from '../../shared/errors.ts';

/**
 * `fob` and `fobd` as child processes, as a person would start them: known by their command lines
 * and their answers only.
 */

const STOP_MILLIS_MAX = 15_000;
const OUTPUT_CHARACTERS_MAX = 16 * 1024 * 1024;

/**
 * What a program that runs to its end says with `--json`: one object on standard output.
 *
 * @param child with pipes for both outputs
 * @param name as it is called in an error
 */
export async function answerOf<Answer>(child: ChildProcess, name: string): Promise<Answer> {
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
export async function addressOf(child: ChildProcess): Promise<string> {
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

/** Asks a process to end, makes it end after a while, and waits until it has. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS_MAX);
  await ended;
  clearTimeout(timer);
}

/** A command line's first words, and the environment it runs in. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Starts a program with pipes for its outputs and without an input. */
export function startProgram(
  { file, args, variables }: Program,
  more: readonly string[],
): ChildProcess {
  return spawn(file, [...args, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...variables },
  });
}
