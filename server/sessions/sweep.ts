import type { UnixMillis } from '../../shared/types.ts';
import { endByTime, ended } from './judge.ts';
import type { Looking } from './look.ts';
import { SESSIONS, type SessionRecord, sessionKey } from './record.ts';

/** Sessions that are looked at together. */
const SLICE = 500;

/** Removes all that time has ended unseen, slice by slice. */
export async function sweepSessions(
  now: UnixMillis,
  looking: Looking,
): Promise<{ readonly ended: number }> {
  let count = 0;
  let after: string | undefined;
  do {
    const swept = await sweep({ after, limit: SLICE }, now, looking);
    count += swept.ended;
    after = swept.next;
  } while (after !== undefined);
  return { ended: count };
}

async function sweep(
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
  now: UnixMillis,
  { store, lifetimes }: Looking,
): Promise<{ readonly ended: number; readonly next: string | undefined }> {
  const page = await store.scan(SESSIONS, after === undefined ? { limit } : { after, limit });
  const next = page.next ?? undefined;
  const isOver = (record: SessionRecord) => endByTime(record, now, lifetimes) !== undefined;
  const keys = page.items.filter(isOver).map(({ tokenHash }) => sessionKey(tokenHash));
  if (keys.length === 0) return { ended: 0, next };
  const count = await store.transact(keys, (records) => {
    const ends = records.flatMap((record) => {
      const why = record && endByTime(record, now, lifetimes);
      return record === undefined || why === undefined ? [] : [ended(record, why, { now })];
    });
    return {
      writes: ends.flatMap(({ writes }) => writes),
      auditDrafts: ends.flatMap(({ auditDrafts }) => auditDrafts),
      reply: ends.length,
    };
  });
  return { ended: count, next };
}

/**
 * After a restore nobody is signed in: what was ended since the backup must not come back.
 *
 * @returns how many there were
 */
export async function endRestored(
  store: Looking['store'],
  now: UnixMillis,
): Promise<{ readonly ended: number }> {
  let count = 0;
  for (;;) {
    // What was ended is gone: the next page is again the first.
    const { items } = await store.scan(SESSIONS, { limit: SLICE });
    if (items.length === 0) return { ended: count };
    const keys = items.map(({ tokenHash }) => sessionKey(tokenHash));
    const ends = items.map((record) => ended(record, 'restored', { now }));
    await store.transact(keys, () => ({
      writes: ends.flatMap(({ writes }) => writes),
      auditDrafts: ends.flatMap(({ auditDrafts }) => auditDrafts),
      reply: undefined,
    }));
    count += items.length;
  }
}
