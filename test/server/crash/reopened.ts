import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Fobd, openFobd } from '../../../server/compose.ts';
import { readConfig } from '../../../server/config.ts';
import { recordKey } from '../../../server/store/keys.ts';
import { type Key, replyOnly, type Store } from '../../../server/store/port.ts';
import { factorKey } from '../../../server/tokens/record.ts';
import type { Serial, UnixMillis } from '../../../shared/types.ts';
import type { CrashImage } from '../../support/crash-images.ts';
import { type Acknowledgement, entryText, type Read, type SpentCode } from './facts.ts';
import { Caller } from './requests.ts';
import { codeOf, isUnmistakable } from './tokens.ts';

/** What a reopened data directory owes to those who were told. */
export interface Owed {
  readonly apiKey: string;
  readonly acknowledged: readonly Acknowledgement[];
  /** Chooses the spent codes that are tried. */
  readonly uniform: () => number;
}

/** Writes the image to a directory of its own, reopens it, and says what is not as it is owed. */
export async function checkImage(image: CrashImage, owed: Owed): Promise<string[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fobd-image-'));
  try {
    await writeImage(image, directory);
    return await checkDirectory(directory, owed);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeImage(image: CrashImage, directory: string): Promise<void> {
  for (const [name, content] of image) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode: 0o600 });
  }
}

async function checkDirectory(directory: string, owed: Owed): Promise<string[]> {
  const logged: string[] = [];
  let fobd: Fobd;
  try {
    fobd = await openFobd(readConfig({ data: directory }, {}, { directory }), {
      clock: { now: () => Date.now() as UnixMillis },
      rng: { bytes: (length) => randomBytes(length), uniform: Math.random },
      log: { error: (_, message) => void logged.push(`logged: ${message}`) },
    });
  } catch (error) {
    return [`does not reopen: ${String(error)}`];
  }
  try {
    const wrong = await checkRecords(fobd.store, owed.acknowledged);
    wrong.push(...(await checkAudit(fobd.store, owed.acknowledged)));
    wrong.push(...(await checkSpent(fobd, owed)));
    return [...wrong, ...logged];
  } finally {
    await fobd.close();
  }
}

async function checkRecords(
  store: Store,
  acknowledged: readonly Acknowledgement[],
): Promise<string[]> {
  const facts = acknowledged.flatMap((told) => told.facts);
  const storageKey = ({ kind, id }: Key<unknown>) => recordKey(kind.name, id);
  const keys = new Map(facts.flatMap((fact) => fact.keys.map((key) => [storageKey(key), key])));
  const records = await store.transact([...keys.values()], (found) => replyOnly(found));
  const byKey = new Map([...keys.keys()].map((name, place) => [name, records[place]]));
  const read: Read = <T>(key: Key<T>) => byKey.get(storageKey(key)) as T | undefined;
  return facts.filter((fact) => !fact.holds(read)).map(({ text }) => `lost: ${text}`);
}

const PAGE = 500;

/** The chain is sound, and each acknowledgement's entry is in it. */
async function checkAudit(
  store: Store,
  acknowledged: readonly Acknowledgement[],
): Promise<string[]> {
  const verdict = await store.verifyAudit();
  if (!verdict.sound) return [`the audit log is not sound: ${verdict.fault}`];
  const there = new Map<string, number>();
  for (let after = 0; after < verdict.entries; ) {
    const { items, next } = await store.auditPage({ after, limit: PAGE });
    for (const entry of items.map(entryText)) there.set(entry, (there.get(entry) ?? 0) + 1);
    after = next ?? verdict.entries;
  }
  const wrong: string[] = [];
  for (const { requestId, entry } of acknowledged) {
    if (entry === undefined) continue;
    const left = there.get(entry) ?? 0;
    if (left === 0) wrong.push(`${requestId}: not in the audit log: ${entry}`);
    there.set(entry, left - 1);
  }
  return wrong;
}

/** Spent codes tried on one image. */
const TRIED_MAX = 8;

/** By HTTP, as an application would: no spent code is good, and a fresh one is. */
async function checkSpent(fobd: Fobd, { apiKey, acknowledged, uniform }: Owed): Promise<string[]> {
  const spent = acknowledged.flatMap(({ accepted }) => accepted ?? []);
  const answer = fobd.app.callback();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const caller = new Caller(`http://127.0.0.1:${port}`, apiKey);
  const wrong: string[] = [];
  try {
    for (let tried = 0; tried < TRIED_MAX && spent.length > 0; tried += 1) {
      const [one] = spent.splice(Math.floor(uniform() * spent.length), 1);
      if (one !== undefined) wrong.push(...(await checkOneSpent(fobd.store, caller, one)));
    }
    const latest = spent.at(-1);
    if (latest !== undefined) wrong.push(...(await checkFresh(fobd.store, caller, latest.serial)));
  } finally {
    await caller.close();
    server.closeAllConnections();
    server.close();
  }
  return wrong;
}

async function checkOneSpent(
  store: Store,
  caller: Caller,
  { serial, counter }: SpentCode,
): Promise<string[]> {
  const nextCounter = await nextCounterOf(store, serial);
  const code = codeOf(serial, counter);
  // Once in 100,000 a later counter has the very same code, which is then rightly good.
  if (!isUnmistakable({ serial, nextCounter }, code, counter)) return [];
  const { json } = await caller.send('/v1/verify', { serial, code });
  const outcome = String(json['outcome']);
  const proper = ['replayed', 'wrongCode', 'throttled'].includes(outcome);
  return proper ? [] : [`counter ${counter} of ${serial}, spent, is ${outcome} again`];
}

/** Else nothing would be accepted for any reason, and the spent ones prove nothing. */
async function checkFresh(store: Store, caller: Caller, serial: Serial): Promise<string[]> {
  const factor = await readFactor(store, serial);
  const nextCounter = await nextCounterOf(store, serial);
  const code = codeOf(serial, nextCounter);
  if ((factor?.failures.waitUntil ?? 0) > 0) return [];
  if (!isUnmistakable({ serial, nextCounter }, code, nextCounter)) return [];
  const { json } = await caller.send('/v1/verify', { serial, code });
  return json['outcome'] === 'accepted' ? [] : [`a fresh code is ${JSON.stringify(json)}`];
}

const readFactor = (store: Store, serial: Serial) =>
  store.transact([factorKey(serial)], ([factor]) => replyOnly(factor));

async function nextCounterOf(store: Store, serial: Serial): Promise<number> {
  const factor = (await readFactor(store, serial))?.factor;
  return factor?.type === 'event' ? factor.nextCounter : Number.NaN;
}
