import { mkdir, readdir } from 'node:fs/promises';
import { Level } from 'level';
import { FobtwinError } from '../../shared/errors.ts';
import { type Backend, createLevelBackend } from './backend.ts';
import { damaged } from './damage.ts';
import { openJournaled } from './journal.ts';
import { openStore } from './open.ts';
import type { Store, StoreOptions } from './port.ts';
import { PRIVATE_DIRECTORY } from './private-modes.ts';

export interface LevelStoreOptions extends StoreOptions {
  /** Whether a store is begun where there is none. Default true. */
  readonly createIfMissing?: boolean;
}

export interface LevelBackendOptions {
  /** Whether a store is begun where there is none. */
  readonly createIfMissing: boolean;
  /** See `JournalOptions`. Default false. */
  readonly forgetJournal?: boolean;
}

/** Blocks of LevelDB's own held in memory, for records beyond the cache. Bytes. */
const BLOCK_CACHE_BYTES = 16 * 1024 * 1024;
/**
 * What LevelDB gathers in memory, and in one log, before it sorts it into its tables: four times
 * its own default, and several checkpoints of the journal. Where 100,000 tokens take turns, each
 * sorting goes through most of what there is, so that fewer of them cost less. Bytes; there are two
 * while one is being sorted.
 */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;

/**
 * The store in a directory of its own, made with mode 0700 where it is missing (what it lies in
 * must be there). One process has it at a time.
 *
 * @throws FobtwinError `dataDirectoryInUse`, `dataDirectoryUnwritable`, `dataDirectoryDamaged`
 */
export async function openLevelStore(
  directory: string,
  { createIfMissing = true, ...options }: LevelStoreOptions,
): Promise<Store> {
  const backend = await openLevelBackend(directory, { createIfMissing });
  try {
    return await openStore(backend, options);
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/**
 * The rows of a store without what makes them one: for a restore, which fills a new one, and for an
 * upgrade, which may meet what this version's store would not take.
 *
 * @throws FobtwinError `dataDirectoryInUse`, `dataDirectoryUnwritable`, `dataDirectoryDamaged`
 */
export async function openLevelBackend(
  directory: string,
  { createIfMissing, forgetJournal = false }: LevelBackendOptions,
): Promise<Backend> {
  if (createIfMissing) await makeDirectory(directory);
  await checkFiles(directory, createIfMissing);
  const database = new Level<string, string>(directory, {
    cacheSize: BLOCK_CACHE_BYTES,
    writeBufferSize: WRITE_BUFFER_BYTES,
  });
  try {
    await database.open({ createIfMissing });
  } catch (cause) {
    throw openingError(cause);
  }
  const backend = createLevelBackend(database, { writeOptions: { sync: true } });
  try {
    return await openJournaled(backend, directory, { forget: forgetJournal });
  } catch (error) {
    await backend.close();
    throw error instanceof FobtwinError ? error : openingError(error);
  }
}

/**
 * LevelDB makes its files readable by all: the directory keeps others out. What is there already
 * stays as it is, whoever made it.
 */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: PRIVATE_DIRECTORY });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return;
    throw unwritable(cause);
  }
}

/** LevelDB would begin anew in silence where the file that names the current state is gone. */
async function checkFiles(directory: string, createIfMissing: boolean): Promise<void> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw createIfMissing ? unwritable(cause) : damaged(detailOf(cause), cause);
  });
  if (names.includes('CURRENT')) return;
  if (!createIfMissing || names.some((name) => /^MANIFEST|\.(?:ldb|log)$/.test(name))) {
    throw damaged(`no CURRENT in ${directory}`);
  }
}

/** What LevelDB says when the operating system would not let it. */
const REFUSED =
  /permission denied|not permitted|read-only file system|not a directory|no space left/i;

function openingError(error: unknown): FobtwinError {
  // abstract-level tells that the database is not open, and why as the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : '';
  if (code === 'LEVEL_LOCKED') {
    return new FobtwinError('dataDirectoryInUse', 'Another fobd is using this data directory.', {
      nextStep: 'Stop it first, or choose another directory with --data.',
      detail: detailOf(cause),
      cause,
    });
  }
  if (REFUSED.test(detailOf(cause))) return unwritable(cause);
  return damaged(detailOf(cause), cause);
}

const unwritable = (cause: unknown): FobtwinError =>
  new FobtwinError('dataDirectoryUnwritable', 'The data directory cannot be written.', {
    nextStep: 'Check who owns it and the space on its file system, or choose another with --data.',
    detail: detailOf(cause),
    cause,
  });

const detailOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);
