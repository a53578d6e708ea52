import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Ran {
  readonly exitCode: number | null;
  /** Both streams, for the message of an assertion. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly stdin?: string;
}

/** Examples run as their users run them: without what only this repository's tests know. */
export async function runProgram(
  program: string,
  parameters: readonly string[],
  { cwd, env = {}, stdin = '' }: RunOptions,
): Promise<Ran> {
  const child = spawn(program, parameters, { cwd, env: cleanEnvironment(env), stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await closed) as [number | null];
  return { exitCode, output: `${stdout}\n${stderr}` };
}

/** What steers this repository's own programs and tests. */
const OURS = /^(FOBD?_|NODE_OPTIONS$|FORCE_COLOR$)/;

export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', ...extra };
}
