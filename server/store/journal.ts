import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Backend, DatabaseBackend, Operation } from './backend.ts';
import { damaged } from './damage.ts';
import { JournalFile } from './journal-file.ts';
import { type FoundRecord, recordsIn } from './journal-record.ts';
import { Journaled, type JournalFiles, journalRow, type LastWrite } from './journaled.ts';
import { JOURNAL_KEY } from './keys.ts';
import { syncDirectory } from './sync-directory.ts';

/** Beside LevelDB's files, which leaves alone what it does not know. */
export const JOURNAL_NAMES = ['journal-0', 'journal-1'] as const;

/**
 * What one file holds. The more, the more changes of a record come to one in the database, and the
 * more is to be read again after a crash.
 */
const FILE_BYTES_USUAL = 4 * 1024 * 1024;

export interface JournalOptions {
  /**
   * Whether what it holds does not count: where the directory is one of a fobd that knows no
   * journal, only an upgrade that was broken off can have left it.
   */
  readonly forget: boolean;
  /** What one file holds: whole blocks. Default 4 MiB. */
  readonly bytesMax?: number;
}

/**
 * Puts the journal in `directory` in front of a database that this process has alone: what the
 * database lacks of it is put there first. Both files are made with the database and stay with it.
 *
 * @throws FobtwinError `dataDirectoryDamaged` where a write is missing between others, or is
 * another store's
 */
export async function openJournaled(
  database: DatabaseBackend,
  directory: string,
  { forget, bytesMax = FILE_BYTES_USUAL }: JournalOptions,
): Promise<Backend> {
  const row = database.getSync(JOURNAL_KEY);
  const contained = row === undefined ? NONE : containedIn(row);
  const files = await openFiles(directory, { isNew: row === undefined });
  try {
    const records = forget ? [] : await laterRecords(files, contained, bytesMax);
    if (records.length > 0) await replay(database, records);
    for (const file of files) await file.empty();
    // What is replayed may come back after a crash: it is in the database. The rest must not.
    if (forget) for (const file of files) await file.flush();
    return new Journaled({ database, files, bytesMax, last: records.at(-1) ?? contained });
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
}

const NONE: LastWrite = { sequence: 0, checksum: 0 };

function containedIn(row: string): LastWrite {
  try {
    const { sequence, checksum } = JSON.parse(row) as Partial<LastWrite>;
    if (Number.isSafeInteger(sequence) && Number.isSafeInteger(checksum)) {
      return { sequence: Number(sequence), checksum: Number(checksum) };
    }
  } catch {
    // Told below.
  }
  throw damaged('the row of the journal is none');
}

/** The database's first checkpoint comes after both are there, and on the disk. */
async function openFiles(
  directory: string,
  { isNew }: { readonly isNew: boolean },
): Promise<JournalFiles> {
  const names = await readdir(directory);
  const missing = JOURNAL_NAMES.filter((name) => !names.includes(name));
  if (missing.length > 0 && !isNew) throw lost(missing);
  const openFile = (name: string) =>
    JournalFile.open(path.join(directory, name), { create: isNew });
  const file = await openFile(JOURNAL_NAMES[0]);
  try {
    const files: JournalFiles = [file, await openFile(JOURNAL_NAMES[1])];
    if (missing.length > 0) await syncDirectory(directory);
    return files;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * What both files hold that the database has not, in order. A last record that is not whole was
 * never acknowledged; one before others that are has been, and is damaged.
 */
async function laterRecords(
  files: JournalFiles,
  contained: LastWrite,
  bytesMax: number,
): Promise<FoundRecord[]> {
  const records: FoundRecord[] = [];
  for (const file of files) {
    records.push(...recordsIn(await file.read(bytesMax), contained.sequence));
  }
  records.sort((a, b) => a.sequence - b.sequence);
  let last = contained;
  for (const record of records) {
    const expected = last.sequence + 1;
    if (record.sequence !== expected) {
      const later = `and ${record.sequence} is there`;
      throw damaged(`write ${expected} of the journal cannot be read, ${later}`);
    }
    if (record.previous !== last.checksum) {
      throw damaged(`write ${expected} of the journal does not follow on what is before it`);
    }
    last = record;
  }
  return records;
}

/** At one stroke: broken off, the journal still has all of it. */
async function replay(database: Backend, records: readonly FoundRecord[]): Promise<void> {
  const latest = new Map<string, Operation>();
  for (const { operations } of records) {
    for (const operation of operations) latest.set(operation.key, operation);
  }
  await database.write([...latest.values(), journalRow(records.at(-1) ?? NONE)]);
}

const lost = (missing: readonly string[]): FobtwinError =>
  new FobtwinError(
    'dataDirectoryDamaged',
    `The store in the data directory has lost its ${missing.join(' and ')}.`,
    {
      nextStep:
        'Put back what is missing: without it the latest writes are lost. Else restore the data ' +
        'directory from a backup. Nothing was changed.',
    },
  );
