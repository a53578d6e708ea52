#!/usr/bin/env node
import { randomBytes, randomInt } from 'node:crypto';
import type { UnixMillis } from '../../shared/types.ts';
import { readEnvironment } from '../config.ts';
import { runFobd } from './run.ts';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

// A reader that has gone (`fobd token list | head -1`) is no failure of the command.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runFobd(process.argv.slice(2), {
  environment: readEnvironment(),
  directory: process.cwd(),
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  clock: { now: () => Date.now() as UnixMillis, elapsedMillis: () => performance.now() },
  rng: {
    bytes: (length) => randomBytes(length),
    uniform: () => randomInt(2 ** 48 - 1) / 2 ** 48,
  },
  onStopSignal(listener) {
    for (const signal of STOP_SIGNALS) process.on(signal, listener);
  },
  onReloadSignal(listener) {
    if (process.platform !== 'win32') process.on('SIGHUP', listener);
  },
  exitNow: (code) => process.exit(code),
});
