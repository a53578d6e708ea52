import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { CliEnv, ExitCode } from '../../server/cli/surroundings.ts';
import type { UnixMillis } from '../../shared/types.ts';

export interface Ran {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings extends Partial<Omit<CliEnv, 'input'>> {
  readonly input?: string;
  /** Whether somebody types the input. Default false. */
  readonly isTerminal?: boolean;
}

/** Runs one command in this process, against the real file system. */
export async function fobd(
  argv: readonly string[],
  { input = '', isTerminal = false, ...env }: Surroundings = {},
): Promise<Ran> {
  // Commands are loaded by import(); where mocha has loaded this file by require(), a static import
  // would give the command line another instance of every module than its commands have.
  const { runFobd } = await import('../../server/cli/run.ts');
  let stdout = '';
  let stderr = '';
  const code = await runFobd(argv, {
    environment: {},
    directory: tmpdir(),
    input: Object.assign(typed(input), { isTTY: isTerminal }),
    output: { write: (text) => (stdout += text) },
    errors: { write: (text) => (stderr += text) },
    clock: { now: () => Date.now() as UnixMillis },
    rng: { bytes: (length) => randomBytes(length), uniform: Math.random },
    onStopSignal: () => undefined,
    exitNow: () => undefined,
    ...env,
  });
  return { code, stdout, stderr };
}

async function* typed(text: string): AsyncGenerator<string> {
  yield text;
}

/** `fobd serve` in this process, on a free port, until stopped. */
export async function serveInProcess(
  data: string,
  args: readonly string[] = [],
  env: Partial<Omit<CliEnv, 'input'>> = {},
): Promise<{ readonly address: string; stop(): Promise<Ran> }> {
  let stopIt: () => void = () => undefined;
  let announced: (line: string) => void = () => undefined;
  const line = new Promise<string>((resolve) => {
    announced = resolve;
  });
  const ran = fobd(['serve', '--data', data, '--port', '0', '--json', ...args], {
    onStopSignal(listener) {
      stopIt = listener;
    },
    output: { write: announced },
    ...env,
  });
  const early = ran.then(({ stderr }) => {
    throw new Error(`fobd did not start: ${stderr}`);
  });
  early.catch(() => undefined);
  const { address } = JSON.parse(await Promise.race([line, early])) as { address: string };
  return {
    address,
    stop() {
      stopIt();
      return ran;
    },
  };
}
