#!/usr/bin/env node
import { runFob } from './fob.ts';
import { systemEnv } from './system.ts';

// Who reads the output may stop reading (`fob list | head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await runFob(process.argv.slice(2), systemEnv());
