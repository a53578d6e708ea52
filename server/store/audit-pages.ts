import { FobtwinError } from '../../shared/errors.ts';
import type { AuditEntry, AuditPage, AuditQuery } from '../audit/entry.ts';
import { type AuditIndex, type EntryPlace, lookUp } from './audit-index.ts';
import { LINE_END, lastLine, SEGMENTS_A_READ } from './audit-log.ts';
import type { Row, View } from './backend.ts';
import {
  AUDIT_FIELDS,
  type AuditField,
  checkPart,
  segmentHolding,
  segmentKey,
  segmentsFrom,
  sequenceOf,
} from './keys.ts';
import { checkLimit, misuse, PAGE_LIMIT_MAX } from './misuse.ts';

/** @param index as it is at the moment when `view` was taken */
export async function auditPage(
  view: View,
  index: AuditIndex,
  query: AuditQuery,
): Promise<AuditPage> {
  checkLimit(query.limit, PAGE_LIMIT_MAX);
  if (!Number.isSafeInteger(query.after) || query.after < 0) {
    throw misuse('an audit page begins after an integer of at least 0');
  }
  const field = AUDIT_FIELDS.find((name) => query[name] !== undefined);
  if (field === undefined) return plainPage(view, query);
  const value = query[field] ?? '';
  checkPart(value, `an audit entry's ${field}`);
  const recent = index.recent(field, value);
  return indexedPage(view, query, { field, value, recent });
}

async function plainPage(view: View, { after, limit }: AuditQuery): Promise<AuditPage> {
  const items: AuditEntry[] = [];
  let next = after + 1;
  const [holding] = await view.range(segmentHolding(next));
  let rows: readonly Row[] = holding === undefined ? [] : [holding];
  for (;;) {
    for (const [key, segment] of rows) {
      for (const line of segment.split(LINE_END).slice(Math.max(0, next - sequenceOf(key)))) {
        if (items.length === limit) return { items, next: next - 1 };
        items.push(parseEntry(line, next));
        next += 1;
      }
    }
    rows = await view.range(segmentsFrom(next, SEGMENTS_A_READ));
    if (rows.length === 0) return { items, next: null };
  }
}

interface Wanted {
  readonly field: AuditField;
  readonly value: string;
  readonly recent: readonly EntryPlace[];
}

/** By one index; where another field is asked for too, a page may hold fewer than it could. */
async function indexedPage(view: View, query: AuditQuery, wanted: Wanted): Promise<AuditPage> {
  const { after, limit } = query;
  const lastSequence = (await lastLine(view))?.sequence ?? 0;
  // One more than asked for tells whether there is a next page.
  const places = await lookUp(view, { ...wanted, after, limit: limit + 1, lastSequence });
  const shown = places.slice(0, limit);
  const items: AuditEntry[] = [];
  for (let start = 0; start < shown.length; start += SEGMENTS_A_READ) {
    const together = shown.slice(start, start + SEGMENTS_A_READ);
    const segments = await view.many(together.map(({ segment }) => segmentKey(segment)));
    together.forEach(({ sequence, segment }, place) => {
      const entry = parseEntry(segments[place]?.split(LINE_END)[sequence - segment], sequence);
      if (isAskedFor(entry, query)) items.push(entry);
    });
  }
  const last = shown.at(-1);
  return { items, next: places.length > limit && last !== undefined ? last.sequence : null };
}

const isAskedFor = (entry: AuditEntry, query: AuditQuery): boolean =>
  AUDIT_FIELDS.every((field) => query[field] === undefined || query[field] === entry[field]);

function parseEntry(line: string | undefined, sequence: number): AuditEntry {
  try {
    const entry = JSON.parse(line ?? '') as AuditEntry;
    if (entry.sequence === sequence) return entry;
  } catch {
    // Told below, as for an entry that is not where it should be.
  }
  throw new FobtwinError('dataDirectoryDamaged', 'The audit log is damaged.', {
    detail: `audit entry ${sequence} cannot be read`,
    nextStep: 'Run `fobd audit verify` to see what is wrong, then restore a backup.',
  });
}
