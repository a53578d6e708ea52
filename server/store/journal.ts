import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Backend, DatabaseBackend, Operation } from './backend.ts';
import { JournalFile } from './journal-file.ts';
import { type JournalRecord, recordsIn } from './journal-record.ts';
import { Journaled, type JournalFiles, journalRow } from './journaled.ts';
import { JOURNAL_KEY } from './keys.ts';

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
 * @throws FobtwinError `dataDirectoryDamaged` where a write is missing between others
 */
export async function openJournaled(
  database: DatabaseBackend,
  directory: string,
  { forget, bytesMax = FILE_BYTES_USUAL }: JournalOptions,
): Promise<Backend> {
  const row = database.getSync(JOURNAL_KEY);
  const contained = row === undefined ? 0 : containedIn(row);
  const files = await openFiles(directory, { isNew: row === undefined });
  try {
    const records = forget ? [] : await laterRecords(files, contained, bytesMax);
    if (records.length > 0) await replay(database, records);
    for (const file of files) await file.empty();
    const sequence = contained + records.length;
    return new Journaled({ database, files, bytesMax, sequence });
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
}

function containedIn(row: string): number {
  try {
    const { sequence } = JSON.parse(row) as { readonly sequence: unknown };
    if (typeof sequence === 'number' && Number.isSafeInteger(sequence)) return sequence;
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
  if (missing.length > 0 && !isNew) throw damaged(`${missing.join(' and ')} are missing`);
  const [first, second] = JOURNAL_NAMES.map((name) => path.join(directory, name));
  const options = { create: isNew };
  const file = await JournalFile.open(first ?? '', options);
  try {
    const files: JournalFiles = [file, await JournalFile.open(second ?? '', options)];
    if (missing.length > 0) await syncDirectory(directory);
    return files;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Windows cannot, and keeps names by itself. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * What both files hold that the database has not, in order. A last record that is not whole was
 * never acknowledged; one before others that are has been, and is damaged.
 */
async function laterRecords(
  files: JournalFiles,
  contained: number,
  bytesMax: number,
): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for (const file of files) records.push(...recordsIn(await file.read(bytesMax), contained));
  records.sort((a, b) => a.sequence - b.sequence);
  for (const [place, { sequence }] of records.entries()) {
    const expected = contained + 1 + place;
    if (sequence !== expected) {
      throw damaged(`write ${expected} of the journal cannot be read, and ${sequence} is there`);
    }
  }
  return records;
}

/** At one stroke: broken off, the journal still has all of it. */
async function replay(database: Backend, records: readonly JournalRecord[]): Promise<void> {
  const latest = new Map<string, Operation>();
  for (const { operations } of records) {
    for (const operation of operations) latest.set(operation.key, operation);
  }
  const last = records.at(-1)?.sequence ?? 0;
  await database.write([...latest.values(), journalRow(last)]);
}

const damaged = (detail: string): FobtwinError =>
  new FobtwinError('dataDirectoryDamaged', 'The store in the data directory is damaged.', {
    nextStep: 'Restore the data directory from a backup.',
    detail,
  });
