import type { AuditDraft, AuditEntry, AuditQuery } from '../../../server/audit/entry.ts';
import type { Backend, View } from '../../../server/store/backend.ts';
import type { Store } from '../../../server/store/port.ts';
import type { AccountId, ApplicationId, Serial, UnixMillis } from '../../../shared/types.ts';
import { AT } from '../../contract/store-fruits.ts';

/** Long audit logs: made in big groups, and read through a backend that counts. */

const GROUP_ENTRIES = 10_000;
/** From one entry to the next. */
export const GAP_MILLIS = 100;

export const momentOf = (sequence: number): UnixMillis =>
  (AT + sequence * GAP_MILLIS) as UnixMillis;

/** What entry `sequence` of a long log is: 5,000 serials, 3,000 accounts, 7 applications. */
export function draftOf(sequence: number): AuditDraft {
  const application = (sequence * 7919) % 7;
  return {
    at: momentOf(sequence),
    actor: `application:${application}`,
    action: 'verify',
    outcome: 'accepted',
    serial: `FT${String((sequence * 7919) % 5000).padStart(8, '0')}` as Serial,
    account: `person${(sequence * 104_729) % 3000}` as AccountId,
    application: application.toString(16).padStart(16, '0') as ApplicationId,
  };
}

/** Appends entries up to `last`, each as `make` says. */
export async function fillLog(
  store: Store,
  { first, last, make = draftOf }: LogRange,
): Promise<void> {
  for (let start = first; start <= last; start += GROUP_ENTRIES) {
    const end = Math.min(last, start + GROUP_ENTRIES - 1);
    const auditDrafts = Array.from({ length: end - start + 1 }, (_, place) => make(start + place));
    await store.transact([], () => ({ writes: [], auditDrafts, reply: undefined }));
  }
}

interface LogRange {
  readonly first: number;
  readonly last: number;
  readonly make?: (sequence: number) => AuditDraft;
}

export interface CountingBackend extends Backend {
  /** Keys of the rows that were read, since last emptied. */
  readonly read: string[];
}

/** Counts every row that a view hands out, and every key asked for. */
export function counting(inner: Backend): CountingBackend {
  const read: string[] = [];
  const countingView = (view: View): View => ({
    async many(keys) {
      read.push(...keys);
      return view.many(keys);
    },
    async range(range) {
      const rows = await view.range(range);
      read.push(...rows.map(([key]) => key));
      return rows;
    },
    close: () => view.close(),
  });
  return { ...inner, read, view: () => countingView(inner.view()) };
}

/** All pages of a query. */
export async function allPages(
  store: Store,
  query: Omit<AuditQuery, 'after'>,
): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page = await store.auditPage({ ...query, after });
    found.push(...page.items);
    if (page.next !== null && page.next <= after) throw new Error('a page leads back');
    after = page.next;
  }
  return found;
}
