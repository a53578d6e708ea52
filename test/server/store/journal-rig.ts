import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MemoryLevel } from 'memory-level';
import {
  type Backend,
  createLevelBackend,
  type DatabaseBackend,
  type Operation,
  type Row,
} from '../../../server/store/backend.ts';
import { JOURNAL_NAMES, openJournaled } from '../../../server/store/journal.ts';
import { BLOCK_BYTES } from '../../../server/store/journal-record.ts';

/** What is behind a journal, and what a crash leaves of both. */
export interface Crashed {
  readonly rows: readonly Row[];
  readonly files: readonly Buffer[];
}

/** Few blocks, so that the files take turns often. */
export const FILE_BYTES = 6 * BLOCK_BYTES;

/** A journal in `directory` over a database in memory. */
export interface Rig {
  readonly backend: Backend;
  /** Both as they are now. */
  crash(): Promise<Crashed>;
}

/** @param change the database, as the journal is to find it */
export async function openRig(
  directory: string,
  { rows, files }: Crashed = { rows: [], files: [] },
  change: (database: DatabaseBackend) => DatabaseBackend = (same) => same,
): Promise<Rig> {
  const level = new MemoryLevel<string, string>();
  await level.open();
  await level.batch(rows.map(([key, value]) => ({ type: 'put', key, value })));
  const places = JOURNAL_NAMES.map((name) => path.join(directory, name));
  for (const [index, bytes] of files.entries()) await writeFile(places[index] ?? '', bytes);
  // What was closed is looked at too.
  const database = change({ ...createLevelBackend(level), close: () => Promise.resolve() });
  const backend = await openJournaled(database, directory, { forget: false, bytesMax: FILE_BYTES });
  return {
    backend,
    crash: async () => ({
      rows: await level.iterator().all(),
      files: await Promise.all(places.map((place) => readFile(place))),
    }),
  };
}

/** All rows but the journal's own, which lies beyond them. */
export async function rowsOf(backend: Backend): Promise<readonly Row[]> {
  const view = backend.view();
  try {
    return await view.range({ below: '~', limit: 100_000 });
  } finally {
    await view.close();
  }
}

/** What is there after these writes, in order. */
export function leftBy(writes: readonly (readonly Operation[])[]): readonly Row[] {
  const model = new Map<string, string>();
  for (const { key, value } of writes.flat()) {
    if (value === undefined) model.delete(key);
    else model.set(key, value);
  }
  return [...model].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
