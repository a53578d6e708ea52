import type { UnixMillis } from '../../shared/types.ts';
import { bounded, endByTime, ended, type Judged, written } from './judge.ts';
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
  const isSwept = (record: SessionRecord) => swept(record, now, lifetimes) !== undefined;
  const keys = page.items.filter(isSwept).map(({ tokenHash }) => sessionKey(tokenHash));
  if (keys.length === 0) return { ended: 0, next };
  const count = await store.transact(keys, (records) => {
    const all = records.flatMap((record) => (record && swept(record, now, lifetimes)) ?? []);
    return {
      writes: all.flatMap(({ writes }) => writes),
      auditDrafts: all.flatMap(({ auditDrafts }) => auditDrafts),
      reply: all.filter(({ record }) => record === undefined).length,
    };
  });
  return { ended: count, next };
}

/** What is to be done with a session that nobody looks at; mostly nothing. */
function swept(
  record: SessionRecord,
  now: UnixMillis,
  lifetimes: Looking['lifetimes'],
): Judged | undefined {
  const why = endByTime(record, now, lifetimes);
  if (why !== undefined) return ended(record, why, { now });
  const within = bounded(record, now, lifetimes);
  return within === record ? undefined : written(within);
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
