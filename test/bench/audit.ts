/**
 * A log of a million audit entries: how long it takes to make, to open and to verify, and how many
 * rows a page of each kind of query reads. The rows are asserted, as in the tests with 100,000.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Level } from 'level';
import { type Backend, createLevelBackend } from '../../server/store/backend.ts';
import { openStore } from '../../server/store/open.ts';
import type { Store } from '../../server/store/port.ts';
import { CONTRACT_OPTIONS } from '../contract/store-fruits.ts';
import { expectFewRows } from '../server/store/audit-rows-read.ts';
import { counting, fillLog } from '../server/store/long-log.ts';
import { table } from './report.ts';

const ENTRIES = 1_000_000;

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, string]> {
  const began = performance.now();
  const result = await work();
  return [result, `${((performance.now() - began) / 1000).toFixed(1)} s`];
}

/** A level store that does not wait for the disk. */
async function unsynced(place: string): Promise<Backend> {
  const database = new Level<string, string>(place);
  await database.open();
  return createLevelBackend(database);
}

export async function benchAudit(write: (text: string) => void): Promise<void> {
  const place = await mkdtemp(path.join(tmpdir(), 'fobtwin-bench-'));
  try {
    const [made, making] = await timed(async () => {
      const store = await openStore(await unsynced(place), CONTRACT_OPTIONS);
      await fillLog(store, { first: 1, last: ENTRIES });
      return store;
    });
    await made.close();
    const backend = counting(await unsynced(place));
    const [store, opening] = await timed(() => openStore(backend, CONTRACT_OPTIONS));
    write(`${ENTRIES} entries: made in ${making}, opened in ${opening}\n\n`);
    await report(store, backend, write);
    const [verdict, verifying] = await timed(() => store.verifyAudit());
    if (!verdict.sound) throw new Error(`the log is not sound: ${verdict.fault}`);
    write(`verified, chain and index, in ${verifying}\n`);
    await store.close();
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function report(
  store: Store,
  backend: ReturnType<typeof counting>,
  write: (text: string) => void,
): Promise<void> {
  const rows = await expectFewRows(store, backend, ENTRIES);
  const header = ['page of 50 by', 'entries', 'rows of the log', 'rows of the index'];
  const cells = rows.map(({ query, items, segments, index }) =>
    [query, items, segments, index].map(String),
  );
  write(`${table(header, cells)}\n\n`);
}
