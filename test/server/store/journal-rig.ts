import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
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
import { makeTemporary, type Temporary } from './temporary.ts';

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

/** The rigs of one test, in one directory, which goes with them. */
export async function makeRigs(): Promise<Rigs> {
  return new Rigs(await makeTemporary());
}

export class Rigs {
  readonly #temporary: Temporary;
  readonly #open = new Set<Rig>();

  constructor(temporary: Temporary) {
    this.#temporary = temporary;
  }

  get directory(): string {
    return this.#temporary.directory;
  }

  async open(...how: OpenRig): Promise<Rig> {
    const rig = await openRig(this.directory, ...how);
    this.#open.add(rig);
    return rig;
  }

  async close(rig: Rig): Promise<void> {
    this.#open.delete(rig);
    await rig.backend.close();
  }

  async remove(): Promise<void> {
    for (const rig of this.#open) await this.close(rig);
    await this.#temporary.remove();
  }

  /** What is there when it is opened again, twice over: the replay itself may be repeated. */
  async reopened(crashed: Crashed): Promise<readonly Row[]> {
    const rig = await this.open(crashed);
    const rows = await rowsOf(rig.backend);
    const again = await this.open(await rig.crash());
    expect(await rowsOf(again.backend)).to.deep.equal(rows);
    for (const [key, value] of rows) expect(again.backend.getSync(key)).to.equal(value);
    await this.close(again);
    await this.close(rig);
    return rows;
  }
}

type OpenRig = [crashed?: Crashed, change?: (database: DatabaseBackend) => DatabaseBackend];

/** A write with a key of its own, and one that all have. */
export const numbered = (number: number, bytes = 1000): Operation[] => [
  { key: `k${number}`, value: String(number).repeat(bytes) },
  { key: 'last', value: String(number) },
];
