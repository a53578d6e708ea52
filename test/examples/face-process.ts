import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cleanEnvironment, type RunOptions } from './running.ts';

export interface Face {
  /** With its access token. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts a program that becomes `fob face --json`, and waits until it says where it listens. */
export async function startFace(
  program: string,
  parameters: readonly string[],
  { cwd, env = {} }: RunOptions,
): Promise<Face> {
  const child = spawn(program, parameters, {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const closed = once(child, 'close');
  const stop = async () => {
    child.kill();
    await closed;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const { address } = JSON.parse(line) as { readonly address?: unknown };
    if (typeof address === 'string') return { address, stop };
  }
  await closed;
  throw new Error(`${program} ${parameters.join(' ')} ended: ${said}`);
}
