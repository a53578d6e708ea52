/** As much of a log as listening needs; a pino logger is one. */
export interface RadiusLog {
  debug?(details: object, message: string): void;
  info?(details: object, message: string): void;
  warn?(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Says a thing once a second at most, and how often it left it unsaid. */
export type CalmLog = (level: 'debug' | 'warn' | 'error', message: string, details: object) => void;

const INTERVAL_MILLIS = 1000;
/** Messages are words of the code: there are not many. */
const MESSAGES_MAX = 100;

/** A flood of packets, or of failures, would otherwise be a flood of lines. */
export function createCalmLog(log: RadiusLog, elapsedMillis: () => number): CalmLog {
  const said = new Map<string, { at: number; unsaid: number }>();
  return (level, message, details) => {
    const now = elapsedMillis();
    const last = said.get(message);
    if (last !== undefined && now - last.at < INTERVAL_MILLIS) {
      last.unsaid += 1;
      return;
    }
    if (said.size >= MESSAGES_MAX) said.clear();
    said.set(message, { at: now, unsaid: 0 });
    const unsaid = last?.unsaid ?? 0;
    log[level]?.({ ...details, ...(unsaid > 0 && { unsaid }) }, message);
  };
}
