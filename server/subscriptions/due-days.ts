import type { UnixMillis } from '../../shared/types.ts';
import { pagesOf } from '../store/pages.ts';
import { type Decision, put, replyOnly, type Store } from '../store/port.ts';
import {
  atBeginning,
  BEGINNING,
  closingNext,
  DUE_CURSOR_KEY,
  type DueCursorRecord,
  dayAfter,
  isSameCursor,
} from './due-cursor.ts';
import { SUBSCRIPTIONS } from './record.ts';
import { dueDayOf, nextDue } from './terms.ts';

/** The days that a run has to look through, in their order, today the last. */

type CursorStore = Pick<Store, 'transact' | 'scan'>;

/** How often the cursor is moved in one run; a hundred years of a lab need 571. */
const MOVES_MAX = 5_000;

/**
 * Calls `look` for each day that is not done, and for today. A day is done once `look` has come to
 * its end for it: a run that breaks off is taken up where it was.
 */
export async function eachDueDay(
  now: UnixMillis,
  store: CursorStore,
  look: (day: string) => Promise<void>,
): Promise<void> {
  const today = dueDayOf(now);
  for (let move = 0; move < MOVES_MAX; move += 1) {
    const claimed = await claim(today, store);
    if (claimed === undefined) break;
    if (claimed === 'changed') continue;
    const { doneThrough, closing = doneThrough } = claimed;
    for (let day = dayAfter(doneThrough); day <= closing; day = dayAfter(day)) await look(day);
    await finish(claimed, store);
  }
  await look(today);
}

/** Undefined: all before today are done. */
type Claim = DueCursorRecord | 'changed' | undefined;

/** The next days, closed to whoever would write into them unseen. */
async function claim(today: string, store: CursorStore): Promise<Claim> {
  const beginning = atBeginning(today);
  const begun = await store.transact([DUE_CURSOR_KEY], ([cursor]): Decision<DueCursorRecord> => {
    const isNew = cursor === undefined || cursor.doneThrough === BEGINNING;
    if (!isNew || (cursor && isSameCursor(cursor, beginning))) return replyOnly(cursor);
    return { writes: [put(DUE_CURSOR_KEY, beginning)], auditDrafts: [], reply: beginning };
  });
  const first = begun.doneThrough === BEGINNING ? await firstDueDay(today, store) : today;
  return store.transact([DUE_CURSOR_KEY], ([cursor]): Decision<Claim> => {
    if (cursor === undefined || !isSameCursor(cursor, begun)) return replyOnly('changed');
    const next = closingNext(cursor, today, first);
    const writes = next === undefined ? [] : [put(DUE_CURSOR_KEY, next)];
    return { writes, auditDrafts: [], reply: next };
  });
}

/** Unless something was written into those days meanwhile: then they are looked through again. */
function finish(claimed: DueCursorRecord, store: CursorStore): Promise<void> {
  return store.transact([DUE_CURSOR_KEY], ([cursor]) => {
    const isOurs = cursor !== undefined && isSameCursor(cursor, claimed);
    if (!isOurs || claimed.closing === undefined) return replyOnly(undefined);
    const done: DueCursorRecord = { version: 1, doneThrough: claimed.closing };
    return { writes: [put(DUE_CURSOR_KEY, done)], auditDrafts: [], reply: undefined };
  });
}

const PAGE = 500;

/** Looks at every subscription: once in a store's life, as a rule while there are none. */
async function firstDueDay(today: string, store: CursorStore): Promise<string> {
  let first = today;
  for await (const page of pagesOf(store, SUBSCRIPTIONS, { limit: PAGE })) {
    for (const record of page) {
      const due = nextDue(record);
      const day = due === undefined ? today : dueDayOf(due.at);
      if (day < first) first = day;
    }
  }
  return first;
}
