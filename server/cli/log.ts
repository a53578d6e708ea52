import { pino } from 'pino';
import type { LogLevel } from '../config.ts';
import type { Log } from '../main.ts';
import type { Output } from './surroundings.ts';

/** JSON lines on standard error; standard output belongs to results. */
export function createLog(level: LogLevel, to: Output): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, { write: (line: string) => void to.write(line) });
}
