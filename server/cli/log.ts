import { pino } from 'pino';
import type { LogLevel } from '../config.ts';
import type { Log } from '../main.ts';
import type { Output } from './surroundings.ts';

/**
 * What nobody logs on purpose: hidden all the same where an error of somebody else's making carries
 * it along.
 */
const HIDDEN_NAMES = [
  'authorization',
  'apiKey',
  'seed',
  'passphrase',
  'headers',
  'body',
  'rawBody',
];
const HIDDEN = HIDDEN_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON lines on standard error; standard output belongs to results. */
export function createLog(level: LogLevel, to: Output): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: HIDDEN, censor: '[hidden]' },
  };
  return pino(options, { write: (line: string) => void to.write(line) });
}
