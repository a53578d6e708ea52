import type { UnixMillis } from '../../shared/types.ts';
import { type Kind, keyOf, put, type Write } from '../store/port.ts';
import type { SubscriptionRecord } from './record.ts';
import { dueDayOf, nextDue } from './terms.ts';

/**
 * How far the job over subscriptions has come, so that it looks at no day twice. Days are closed in
 * two steps: first `closing` is durable, then the days until there are looked through, then they
 * are done. Whoever meanwhile writes what falls due on such a day takes the cursor back before it,
 * and the job looks again: see `cursorWrites`.
 */
export interface DueCursorRecord {
  readonly version: 1;
  /** Nothing is due on this day (UTC, `2027-01-31`) or one before it. */
  readonly doneThrough: string;
  /** The days after that are being looked through, this one included. */
  readonly closing?: string;
}

export const DUE_CURSORS: Kind<DueCursorRecord> = {
  name: 'dueCursor',
  indexes: [],
  indexValues: () => [],
};

/** Of the only record of its kind. */
export const DUE_CURSOR_KEY = keyOf(DUE_CURSORS, 'subscriptions');

/** Before any day that something can be due on: the job has never run. */
export const BEGINNING = '0000-01-01';

/** Days that are closed at a time, so that after a crash no more are looked through again. */
const CLOSED_AT_A_TIME = 64;
const DAY_MILLIS = 86_400_000;

const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const dayFrom = (day: string, days: number): string =>
  dueDayOf((noon(day) + days * DAY_MILLIS) as UnixMillis);
export const dayAfter = (day: string): string => dayFrom(day, 1);
const dayBefore = (day: string): string => dayFrom(day, -1);
const earlier = (a: string, b: string): string => (a < b ? a : b);

/**
 * What goes with the writes of whoever puts a subscription whose next step may lie in days that are
 * done or being closed: give `DUE_CURSOR_KEY` to `transact`. As a rule nothing, since a year lies
 * ahead of what was just paid.
 */
export function cursorWrites(
  record: SubscriptionRecord,
  cursor: DueCursorRecord | undefined,
): Write[] {
  const due = nextDue(record);
  if (due === undefined || cursor === undefined) return [];
  const day = dueDayOf(due.at);
  if (day > (cursor.closing ?? cursor.doneThrough)) return [];
  const doneThrough = earlier(dayBefore(day), cursor.doneThrough);
  return [put(DUE_CURSOR_KEY, { version: 1, doneThrough })];
}

/** Of a job that has never run: whatever is written until yesterday takes it back. */
export const atBeginning = (today: string): DueCursorRecord => ({
  version: 1,
  doneThrough: BEGINNING,
  closing: dayBefore(today),
});

export const isSameCursor = (a: DueCursorRecord, b: DueCursorRecord): boolean =>
  a.doneThrough === b.doneThrough && a.closing === b.closing;

/**
 * The cursor with the next days being closed; undefined where all before `today` are done. `today`
 * itself is never closed: more of it may fall due.
 *
 * @param first the earliest day that anything is due on, for one that stands at the beginning
 */
export function closingNext(
  cursor: DueCursorRecord,
  today: string,
  first: string,
): DueCursorRecord | undefined {
  const isNew = cursor.doneThrough === BEGINNING;
  const last = dayBefore(today);
  const from = isNew ? dayBefore(earlier(first, today)) : cursor.doneThrough;
  if (!isNew && from >= last) return undefined;
  const closing = earlier(dayFrom(from, CLOSED_AT_A_TIME), last);
  return { version: 1, doneThrough: from, closing };
}
