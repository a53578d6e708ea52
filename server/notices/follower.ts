import { accountKey } from '../accounts/record.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { put, remove, replyOnly, type Store, type Write } from '../store/port.ts';
import { type TokenRecord, tokenKey } from '../tokens/record.ts';
import { NOTICE_CURSOR } from './cursor.ts';
import { addressesOf, type NoticeWriter } from './port.ts';
import { noticeKey } from './record.ts';
import { isTold, type Told, toldOf } from './told.ts';

export interface FollowerParts {
  readonly store: Pick<Store, 'transact' | 'auditPage' | 'auditLog'>;
  readonly writer: NoticeWriter;
  /** Whether people are written to at all: by mail, or in a lab. */
  readonly isOn: boolean;
}

export interface Follower {
  /**
   * Where it has never followed, it begins at the log's end: nobody is told of the past. Where
   * nobody is written to it forgets how far it was, for the same reason.
   */
  begin(): Promise<void>;
  /** Writes what the log tells up to its end as it is now. */
  run(): Promise<void>;
}

/** Entries read together. */
const PAGE = 500;
/** Notices in one decision. */
const NOTICES_MAX = 100;
/** Where nothing is told for so many entries, how far it is is kept all the same. */
const CURSOR_ENTRIES = 5_000;

/**
 * Turns entries of the audit log into notices. Notices and cursor are one write, so that each is
 * told once across crashes. What retention has removed before it was read is told to nobody.
 */
export function createFollower(parts: FollowerParts): Follower {
  const { store, isOn } = parts;
  let followed = 0;
  let stored = 0;
  let begun: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();

  const begin = async (): Promise<void> => {
    if (!isOn) {
      await store.transact([NOTICE_CURSOR], ([cursor]) => ({
        ...replyOnly(undefined),
        writes: cursor === undefined ? [] : [remove(NOTICE_CURSOR)],
      }));
      return;
    }
    const { head } = await store.auditLog.bounds();
    stored = await store.transact([NOTICE_CURSOR], ([cursor]) => {
      // One beyond the end is of a log that was set back.
      if (cursor !== undefined && cursor.sequence <= head.sequence) {
        return replyOnly(cursor.sequence);
      }
      const record = { version: 1, sequence: head.sequence } as const;
      return { ...replyOnly(head.sequence), writes: [put(NOTICE_CURSOR, record)] };
    });
    followed = stored;
  };
  const keepCursor = async (sequence: number): Promise<void> => {
    stored = sequence;
    await store.transact([NOTICE_CURSOR], () => ({
      ...replyOnly(undefined),
      writes: [put(NOTICE_CURSOR, { version: 1, sequence })],
    }));
  };
  const follow = async (): Promise<void> => {
    begun ??= begin();
    await begun;
    for (;;) {
      const { items, next } = await store.auditPage({ after: followed, limit: PAGE });
      for (const slice of slicesOf(items)) {
        const last = slice.at(-1);
        if (last === undefined) continue;
        if (slice.some(isTold)) {
          await tell(slice, last.sequence, parts);
          stored = last.sequence;
        }
        followed = last.sequence;
      }
      if (followed - stored >= CURSOR_ENTRIES) await keepCursor(followed);
      if (next === null) return;
    }
  };
  return {
    begin: () => (begun ??= begin()),
    run() {
      if (!isOn) return Promise.resolve();
      // One after the other: the second begins where the first has ended.
      const mine = running.then(follow);
      running = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** In order, none with more than `NOTICES_MAX` that are told. */
function slicesOf(entries: readonly AuditEntry[]): readonly (readonly AuditEntry[])[] {
  const slices: AuditEntry[][] = [[]];
  let told = 0;
  for (const entry of entries) {
    if (told === NOTICES_MAX) {
      slices.push([]);
      told = 0;
    }
    if (isTold(entry)) told += 1;
    slices.at(-1)?.push(entry);
  }
  return slices;
}

async function tell(
  entries: readonly AuditEntry[],
  sequence: number,
  { store, writer }: FollowerParts,
): Promise<void> {
  const tokens = await tokensOf(entries, store);
  const told = entries
    .map((entry) => toldOf(entry, entry.serial && tokens.get(entry.serial)))
    .filter((each): each is Told => each !== undefined);
  const accounts = [...new Set(told.map(({ account }) => account))];
  const accountKeys = accounts.map(accountKey);
  const noticeKeys = told.map(({ id }) => noticeKey(id));
  await store.transact([NOTICE_CURSOR, ...accountKeys, ...noticeKeys], ([_cursor, ...records]) => {
    const found = records.slice(0, accounts.length);
    const present = records.slice(accounts.length);
    const writes: Write[] = [put(NOTICE_CURSOR, { version: 1, sequence })];
    told.forEach((each, place) => {
      const account = found[accounts.indexOf(each.account)] as
        | Parameters<typeof addressesOf>[0]
        | undefined;
      const to = account === undefined ? [] : addressesOf(account);
      const already = present[place] as Parameters<NoticeWriter['write']>[1];
      writes.push(...writer.write({ ...each, to }, already));
    });
    return { ...replyOnly(undefined), writes };
  });
}

/** A token's record says what it is; that never changes, so that it may be read before. */
async function tokensOf(
  entries: readonly AuditEntry[],
  store: FollowerParts['store'],
): Promise<ReadonlyMap<string, TokenRecord>> {
  const told = entries.filter(isTold);
  const serials = [
    ...new Set(told.flatMap(({ serial }) => (serial === undefined ? [] : [serial]))),
  ];
  const records = await store.transact(serials.map(tokenKey), (found) => replyOnly(found));
  const known = serials.map((serial, place) => [serial, records[place]] as const);
  return new Map(
    known.filter((pair): pair is [(typeof pair)[0], TokenRecord] => pair[1] !== undefined),
  );
}
