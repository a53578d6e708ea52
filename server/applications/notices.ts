import { formatTime } from '../../shared/time.ts';
import type { KeyNotice } from './port.ts';

/** What the log says of a key, for whoever runs the server. */
const TEXTS: Readonly<Record<KeyNotice['notice'], string>> = {
  expiring: 'an API key in use will expire: fobd application rotate ID gives another',
  expired: 'an API key that has expired is still being used',
  addressRefused: 'a right API key was refused: it came from an address that is not allowed',
};

/** A log that takes warnings; one that takes none is told nothing. */
export interface NoticeLog {
  warn?(details: object, message: string): void;
}

/** Writes a notice into the log: its application and the key's number, never the key. */
export const logKeyNotice =
  (log: NoticeLog) =>
  ({ notice, expiresAt, ...details }: KeyNotice): void => {
    const expiry = expiresAt === undefined ? {} : { expiresAt: formatTime(expiresAt) };
    log.warn?.({ ...details, ...expiry }, TEXTS[notice]);
  };
