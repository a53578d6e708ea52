import { stat } from 'node:fs/promises';
import { FobtwinError } from '../../shared/errors.ts';
import {
  type Certificate,
  type CertificateFiles,
  daysLeft,
  EXPIRY_WARNING_MILLIS,
  readCertificate,
} from './certificate.ts';

/** As much of a log as the watch needs. */
interface WatchLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface CertificateWatchOptions {
  readonly now: () => number;
  readonly log: WatchLog;
  /** Given each new certificate, for connections from then on. */
  readonly onRenewed: (certificate: Certificate) => void;
  /** How often the files are looked at; they may come by way of links, which send no notice. */
  readonly everyMillis?: number;
}

/** The certificate in use. */
export interface CertificateWatch {
  readonly current: () => Certificate;
  /** Looks at once, and reads the files again even if they look the same. */
  reload(): Promise<void>;
  end(): void;
}

const EVERY_MILLIS = 10_000;
const WARN_EVERY_MILLIS = 86_400_000;

/**
 * Takes up a renewed certificate when its files change. One that cannot be used leaves the old one
 * in place: a renewal writes two files, and one of them comes first.
 *
 * @param first in use already
 */
export async function watchCertificate(
  files: CertificateFiles,
  first: Certificate,
  { now, log, onRenewed, everyMillis = EVERY_MILLIS }: CertificateWatchOptions,
): Promise<CertificateWatch> {
  let current = first;
  let lookedLike = await appearanceOf(files);
  let warnedAt = Number.NEGATIVE_INFINITY;
  let ended = false;

  const warnOfEnd = (): void => {
    const left = current.expiresAt - now();
    if (left > EXPIRY_WARNING_MILLIS || now() - warnedAt < WARN_EVERY_MILLIS) return;
    warnedAt = now();
    const { certificateFile } = files;
    const days = Math.max(0, daysLeft(current, now()));
    const message = left > 0 ? 'the TLS certificate ends soon' : 'the TLS certificate has expired';
    log.warn({ certificateFile, days }, message);
  };
  const read = async (): Promise<void> => {
    try {
      const renewed = await readCertificate(files, now());
      if (ended) return;
      onRenewed(renewed);
      current = renewed;
      warnedAt = Number.NEGATIVE_INFINITY;
      const { names, expiresAt } = renewed;
      log.info({ names, expiresAt: new Date(expiresAt).toISOString() }, 'took up the certificate');
    } catch (error) {
      const { message, nextStep } =
        error instanceof FobtwinError ? error : { message: String(error), nextStep: undefined };
      log.error({ reason: message, nextStep }, 'kept the old certificate: the new one is no use');
    }
  };
  const look = async (): Promise<void> => {
    warnOfEnd();
    const appearance = await appearanceOf(files);
    if (appearance === lookedLike || ended) return;
    lookedLike = appearance;
    await read();
  };
  // One look at a time, in order: a slow one must not bring an older certificate back.
  let turn: Promise<void> = Promise.resolve();
  const queue = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(work);
    return turn;
  };
  warnOfEnd();
  const timer = setInterval(() => void queue(look), everyMillis).unref();
  return {
    current: () => current,
    reload: () =>
      queue(async () => {
        lookedLike = await appearanceOf(files);
        await read();
      }),
    end() {
      ended = true;
      clearInterval(timer);
    },
  };
}

/** Changes whenever a file is replaced or written, also behind a link. */
async function appearanceOf({ certificateFile, keyFile }: CertificateFiles): Promise<string> {
  const looks = await Promise.all(
    [certificateFile, keyFile].map((file) =>
      stat(file, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs }) => `${dev}:${ino}:${size}:${mtimeNs}`,
        () => 'missing',
      ),
    ),
  );
  return looks.join(' ');
}
