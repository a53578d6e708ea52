import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { FobtwinError } from '../../shared/errors.ts';
import type { AuditHead } from '../audit/entry.ts';
import type { StoreRow } from '../store/port.ts';

/**
 * A backup is one text file of lines: a header, a line for each row of the store, and an end that
 * carries an HMAC-SHA-256 of every byte before it. Its key is derived from the root key, which the
 * header has wrapped by the master key as `format.json` does. So whoever has not the master key can
 * neither change a backup, cut it short, lengthen it nor make one; he can read it, and finds the
 * seeds sealed. The master key is not in it.
 */

/** The form of the file; the form of what is in it is the data directory's. */
const BACKUP_VERSION = 1;
/** What the key of a backup's MAC is derived for (see `deriveKey`). */
export const BACKUP_KEY_PURPOSE = 'backup';

/** A header has less than 1 kB, and a segment of the audit log less than 1 MB. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

const headSchema = z.object({
  writer: z.string().min(1).max(200),
  sequence: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
const headerSchema = z.object({
  fobtwinBackup: z.literal(BACKUP_VERSION),
  madeAt: z.int(),
  directory: z.record(z.string(), z.unknown()),
  auditHead: headSchema,
});
const rowSchema = z.tuple([z.string().min(1), z.string()]);
const endSchema = z.strictObject({
  rows: z.int().min(0),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface BackupHeader {
  /** Unix milliseconds, by the clock that decisions are taken at. */
  readonly madeAt: number;
  /** What `format.json` said, field by field. */
  readonly directory: Readonly<Record<string, unknown>>;
  /** Where the audit log ends. */
  readonly auditHead: AuditHead;
}

const headerLine = ({ madeAt, directory, auditHead }: BackupHeader): string =>
  `${JSON.stringify({ fobtwinBackup: BACKUP_VERSION, madeAt, directory, auditHead })}\n`;

/** @throws FobtwinError `backupDamaged`, or `dataDirectoryNewer` for a later form of the file */
export function parseHeader(line: string): BackupHeader {
  const value = parseJson(line);
  const version = z.looseObject({ fobtwinBackup: z.int() }).safeParse(value);
  if (version.success && version.data.fobtwinBackup > BACKUP_VERSION) {
    throw new FobtwinError('dataDirectoryNewer', 'This backup was made by a newer fobd', {
      nextStep: 'Restore it with the newer fobd; nothing was changed.',
    });
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) {
    const { madeAt, directory, auditHead } = parsed.data;
    return { madeAt, directory, auditHead };
  }
  throw damagedBackup('it does not begin as a backup of fobd does');
}

/** The lines of a backup; memory is bounded by a read of the store. */
export async function* backupLines(
  header: BackupHeader,
  rows: AsyncIterable<readonly StoreRow[]>,
  key: Uint8Array,
): AsyncGenerator<string> {
  const mac = createHmac('sha256', key);
  const first = headerLine(header);
  mac.update(first);
  yield first;
  let count = 0;
  for await (const some of rows) {
    const text = some.map((row) => `${JSON.stringify(row)}\n`).join('');
    mac.update(text);
    count += some.length;
    yield text;
  }
  yield `${JSON.stringify({ rows: count, mac: mac.digest('hex') })}\n`;
}

/**
 * Reads the lines after the header, row by row, and compares the end with what was read.
 *
 * @throws FobtwinError `backupDamaged` by the end at the latest: do not keep what came before
 */
export class BackupReader {
  readonly #mac: Hmac;
  #rows = 0;
  #ended = false;

  constructor(header: Uint8Array, key: Uint8Array) {
    this.#mac = createHmac('sha256', key).update(header);
  }

  /** The row of a line; `undefined` for the genuine end. */
  next(line: Uint8Array): StoreRow | undefined {
    if (this.#ended) throw damagedBackup('something stands after its end');
    const value = parseJson(Buffer.from(line).toString('utf8'));
    const row = rowSchema.safeParse(value);
    if (row.success) {
      this.#mac.update(line);
      this.#rows += 1;
      return row.data;
    }
    this.#checkEnd(value);
    this.#ended = true;
    return undefined;
  }

  /** All has been read. */
  end(): void {
    if (!this.#ended) throw damagedBackup('it was cut off');
  }

  #checkEnd(value: unknown): void {
    const end = endSchema.safeParse(value);
    if (!end.success) throw damagedBackup('a line is neither a row nor the end');
    const given = Buffer.from(end.data.mac, 'hex');
    const genuine = timingSafeEqual(given, this.#mac.digest());
    if (!genuine || end.data.rows !== this.#rows) throw damagedBackup('it was changed');
  }
}

export function damagedBackup(detail: string): FobtwinError {
  return new FobtwinError('backupDamaged', `This backup cannot be used: ${detail}`, {
    nextStep: 'Take another copy of it, or another backup; nothing was changed.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
