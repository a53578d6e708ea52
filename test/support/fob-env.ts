import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { CliEnv, ExitCode, Input, Output } from '../../emulator/cli/env.ts';
import type { runFob } from '../../emulator/cli/fob.ts';
import type { LockEnv } from '../../emulator/drawer/lock.ts';
import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';

/** A directory of one test's own; the caller removes it, and its key file where it is a drawer. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'fobtwin-'));
  return {
    path: directory,
    remove() {
      rmSync(directory, { recursive: true, force: true });
      rmSync(`${directory}.key`, { force: true });
    },
  };
}

export const testRng: Rng = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  uniform: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};

/** This process as a holder of locks. */
export const testLockEnv: LockEnv = {
  rng: testRng,
  pause: (millis) => pause(millis),
  host: hostname(),
  pid: process.pid,
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  },
};

export interface FobResult {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FobTestEnv extends CliEnv {
  readonly stdin: PassThrough & Input;
  readonly stdout: PassThrough & Output;
  readonly stderr: PassThrough & Output;
  /** Moves the clock. */
  set(now: UnixMillis): void;
  /** One round of everything that `every` was asked for. */
  tick(): void;
  interrupt(): void;
  /** All that was written so far. */
  written(): { readonly stdout: string; readonly stderr: string };
}

export const TEST_NOW = Date.UTC(2026, 0, 1) as UnixMillis;

/** A world in memory, but for the drawer; time stands still until it is set. */
export function fobTestEnv(changes: Partial<CliEnv> = {}): FobTestEnv {
  let now: UnixMillis = TEST_NOW;
  const actions = new Set<() => void>();
  const controller = new AbortController();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const texts = { stdout: '', stderr: '' };
  stdout.on('data', (chunk) => {
    texts.stdout += chunk;
  });
  stderr.on('data', (chunk) => {
    texts.stderr += chunk;
  });
  return {
    ...testLockEnv,
    clock: { now: () => now },
    variables: {},
    platform: 'linux',
    homeDirectory: '/home/nobody',
    every(_millis, action) {
      actions.add(action);
      return () => actions.delete(action);
    },
    interruption: () => controller.signal,
    runProgram(program) {
      throw new Error(`${program} is not run here`);
    },
    ...changes,
    stdin: (changes.stdin ?? new PassThrough()) as PassThrough & Input,
    stdout,
    stderr,
    set(to) {
      now = to;
    },
    tick() {
      for (const action of actions) action();
    },
    interrupt: () => controller.abort(),
    written: () => texts,
  };
}

/**
 * `runFob`, loaded as it loads its commands. mocha loads test files by `require`, and what they
 * import statically with them: then an error class of a command, which `import()` loads, would be
 * another one than the frame's.
 */
export async function loadFob(): Promise<typeof runFob> {
  return (await import('../../emulator/cli/fob.ts')).runFob;
}

/** One command line in this process. */
export async function fob(
  argv: readonly string[],
  changes: Partial<CliEnv> = {},
): Promise<FobResult> {
  const env = fobTestEnv(changes);
  const run = await loadFob();
  const exitCode = await run(argv, env);
  await Promise.all([env.stdout, env.stderr].map((stream) => once(stream.end(), 'end')));
  return { exitCode, ...env.written() };
}

/** The one object that `--json` promises. */
export async function fobJson<Answer>(
  argv: readonly string[],
  changes: Partial<CliEnv> = {},
): Promise<Answer> {
  const { exitCode, stdout, stderr } = await fob([...argv, '--json'], changes);
  if (exitCode !== 0) throw new Error(`fob ${argv.join(' ')}: exit ${exitCode}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}
