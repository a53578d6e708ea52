import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { FobtwinError } from '../../shared/errors.ts';
import { expectText } from './answer-text.ts';
import { codeOf, textOf } from './codes.ts';
import type { ArgumentOf } from './commands.ts';
import { type Checked, isMismatch } from './mismatch.ts';
import { TIME_LIMIT_MILLIS } from './request.ts';
import type { World } from './world.ts';

/** A program that judges a code: it gets the code on its standard input, and answers by its end. */

const OUTPUT_BYTES_MAX = 1024 * 1024;

export interface ExecContext {
  readonly world: World;
  readonly part: string;
  /** The scenario's own folder: the program runs there. */
  readonly directory: string;
  /** The program's environment. The API key of fobd is not in it. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export async function execProgram(
  order: ArgumentOf<'exec'>,
  { world, part, directory, variables, signal }: ExecContext,
): Promise<Checked> {
  const words: string[] = [];
  for (const template of order.arguments) {
    const word = await textOf(template, part, world);
    if (isMismatch(word)) return word;
    words.push(word);
  }
  const code = order.code === undefined ? '' : await codeOf(order.code, part, world);
  if (isMismatch(code)) return code;
  const { FOB_API_KEY: _ours, ...env } = variables;
  const child = spawn(order.program, words, {
    cwd: directory,
    env,
    shell: false,
    stdio: 'pipe',
    detached: HAS_GROUPS,
  });
  const limitMillis = order['time-limit'] ?? TIME_LIMIT_MILLIS;
  const { exitCode, output } = await ended(
    child,
    { input: code, limitMillis, signal },
    order.program,
  );
  const { expect } = order;
  if (expect['exit-code'] !== undefined && expect['exit-code'] !== exitCode) {
    return { expected: `exit code ${expect['exit-code']}`, seen: `exit code ${exitCode}` };
  }
  return expectText(output, expect, 'output');
}

/** A process group of its own, so that what the program started ends with it. */
const HAS_GROUPS = process.platform !== 'win32';

interface Run {
  readonly input: string;
  readonly limitMillis: number;
  readonly signal: AbortSignal;
}

interface Ended {
  readonly exitCode: number | null;
  /** Standard output, then standard error. */
  readonly output: string;
}

async function ended(child: ChildProcess, run: Run, program: string): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  let why: string | undefined;
  const kill = (reason: string) => {
    why ??= reason;
    killGroup(child);
    // What escaped the group may hold the pipes open for ever, and is not waited for.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  for (const from of ['stdout', 'stderr'] as const) {
    child[from]?.setEncoding('utf8').on('data', (text: string) => {
      texts[from] += text;
      if (texts[from].length > OUTPUT_BYTES_MAX) {
        kill(`wrote more than ${OUTPUT_BYTES_MAX} characters`);
      }
    });
  }
  const timer = setTimeout(() => kill(`did not end within ${run.limitMillis} ms`), run.limitMillis);
  const onAbort = () => kill('was stopped');
  run.signal.addEventListener('abort', onAbort, { once: true });
  if (run.signal.aborted) onAbort();
  // A program that does not read its input may be gone before it is written.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(run.input === '' ? '' : `${run.input}\n`);
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    if (why !== undefined) throw new FobtwinError('unavailable', `${program} ${why}`);
    return { exitCode, output: texts.stdout + texts.stderr };
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    throw new FobtwinError('unavailable', `${program} cannot be started`, {
      nextStep: 'Is it installed, and in the PATH or named by its path?',
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener('abort', onAbort);
  }
}

/** The program and all that it started; it may have ended before them. */
function killGroup(child: ChildProcess): void {
  child.kill('SIGKILL');
  if (!HAS_GROUPS || child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
