#!/usr/bin/env node
import { runFob } from './fob.ts';
import { systemEnv } from './system.ts';

process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  // Who reads the output may stop reading (`fob list | head`): that is no failure.
  if (code === 'EPIPE') process.exit(0);
  process.stderr.write(`fob: Standard output cannot be written (${code ?? 'unknown'})\n`);
  process.exit(1);
});
// There is nowhere left to say it; the exit code still tells.
process.stderr.on('error', () => {});

process.exitCode = await runFob(process.argv.slice(2), systemEnv());
