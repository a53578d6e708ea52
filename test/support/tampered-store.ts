import path from 'node:path';
import { Level } from 'level';

/** What somebody with access to the files could do to an audit log that is not being served. */

async function withStore<T>(data: string, change: (level: Level) => Promise<T>): Promise<T> {
  const level = new Level(path.join(data, 'store'), { createIfMissing: false });
  await level.open();
  try {
    return await change(level);
  } finally {
    await level.close();
  }
}

const AUDIT = { gt: 'a\u0000', lt: 'a\u0001' };
const HEAD = 'h';
const BASE = 'b';

/** Exchanges `from` for `to` in every stored piece of the log. */
export const changeAudit = (data: string, from: string, to: string): Promise<void> =>
  withStore(data, async (level) => {
    for await (const [key, value] of level.iterator(AUDIT)) {
      await level.put(key, value.replaceAll(from, to));
    }
  });

/** Removes the pieces of the log from the `first` to the one before `end`, counted from 0. */
export const removeAudit = (data: string, first: number, end?: number): Promise<void> =>
  withStore(data, async (level) => {
    const keys = await level.keys(AUDIT).all();
    for (const key of keys.slice(first, end)) await level.del(key);
  });

export const spoilAuditHead = (data: string): Promise<void> =>
  withStore(data, async (level) => {
    const head = JSON.parse((await level.get(HEAD)) ?? '{}') as object;
    await level.put(HEAD, JSON.stringify({ ...head, mac: '0'.repeat(64) }));
  });

export const removeAuditHead = (data: string): Promise<void> =>
  withStore(data, (level) => level.del(HEAD));

/** Lets the log say that it begins after `sequence`, as if retention had been there. */
export const forgeAuditBase = (data: string, sequence: number): Promise<void> =>
  withStore(data, async (level) => {
    const base = JSON.parse((await level.get(BASE)) ?? (await level.get(HEAD)) ?? '{}') as object;
    await level.put(BASE, JSON.stringify({ ...base, sequence }));
  });

export const removeAuditBase = (data: string): Promise<void> =>
  withStore(data, (level) => level.del(BASE));
