import { randomBytes } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { CliEnv } from './env.ts';

/** The real world: the only place of `fob` that makes a clock, randomness, timers and streams. */
export function systemEnv(): CliEnv {
  return {
    clock: { now: () => Date.now() as UnixMillis },
    rng: systemRng(),
    variables: process.env,
    platform: process.platform,
    homeDirectory: homedir(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    pause: (millis) => pause(millis),
    every(millis, action) {
      const timer = setInterval(action, millis);
      return () => clearInterval(timer);
    },
    interruption,
    // A lock's owner is one word.
    host: hostname().replace(/\s+/g, '-') || 'localhost',
    pid: process.pid,
    isAlive,
    runProgram,
  };
}

const UNIFORM_BITS = 53;

function systemRng(): Rng {
  return {
    bytes: (length) => new Uint8Array(randomBytes(length)),
    uniform: () =>
      Number(randomBytes(8).readBigUInt64BE() >> BigInt(64 - UNIFORM_BITS)) / 2 ** UNIFORM_BITS,
  };
}

/** A second signal ends the process at once, as if nobody listened. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => controller.abort());
  }
  return controller.signal;
}

/** Loaded when it is used: most commands run no program. */
function runProgram(program: string, args: readonly string[]): void {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const system = process.env['SystemRoot'] ?? 'C:\\Windows';
  // A program of that name elsewhere on the path would not be Windows' own.
  const known = process.platform === 'win32' ? `${system}\\System32\\${program}` : program;
  execFileSync(known, [...args], { stdio: 'ignore', windowsHide: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
