import { setImmediate as nextTurn } from 'node:timers/promises';
import { FobtwinError } from '../../shared/errors.ts';
import { sealHead, stamp } from '../audit/chain.ts';
import type { AuditDraft, AuditEntry, AuditHead, AuditPage, AuditQuery } from '../audit/entry.ts';
import type { StoredLine } from '../audit/verify.ts';
import type { Operation, Row, View } from './backend.ts';
import type { Group } from './group.ts';
import {
  type AuditField,
  auditIndexedAfter,
  auditIndexKey,
  checkPart,
  HEAD_KEY,
  segmentHolding,
  segmentKey,
  segmentsFrom,
  sequenceOf,
} from './keys.ts';
import { checkLimit, misuse, PAGE_LIMIT_MAX } from './misuse.ts';

/**
 * How the audit log lies in the store: not an entry a row but a segment of entries a row, since a
 * row costs more than the entry in it. A group writes its own segments, so that none is ever
 * changed, and the sealed head with them.
 */

/** Most entries in one segment: reading one entry reads at most so many. */
export const SEGMENT_ENTRIES = 64;
/** Segments read at a time. */
const SEGMENTS_A_READ = 8;
/** Canonical JSON has no line breaks. */
const LINE_END = '\n';

const FIELDS: readonly AuditField[] = ['serial', 'account'];

/** Drafts stamped, with the head that they make; nothing is committed yet. */
export interface Stamped {
  readonly lines: readonly string[];
  readonly head: AuditHead;
}

export function stampAll(drafts: readonly AuditDraft[], head: AuditHead): Stamped {
  const lines: string[] = [];
  let last = head;
  for (const draft of drafts) {
    for (const field of FIELDS) {
      const value = draft[field];
      if (value !== undefined) checkPart(value, `an audit entry's ${field}`);
    }
    const { line, head: next } = stamp(draft, last);
    lines.push(line);
    last = next;
  }
  return { lines, head: last };
}

/** Appends what was stamped to the group that forms. `first` is the first entry's sequence. */
export function appendTo(
  group: Group,
  lines: readonly string[],
  drafts: readonly AuditDraft[],
  first: number,
): void {
  if (group.lines.length === 0) group.firstSequence = first;
  drafts.forEach((draft, place) => {
    const sequence = first + place;
    const inSegment = String((sequence - group.firstSequence) % SEGMENT_ENTRIES);
    for (const field of FIELDS) {
      const value = draft[field];
      if (value === undefined) continue;
      group.auditIndex.push({ key: auditIndexKey(field, value, sequence), value: inSegment });
    }
  });
  for (const line of lines) group.lines.push(line);
}

/** What a group's entries come to on disk. */
export function auditOperations(
  group: Group,
  head: AuditHead,
  auditKey: Uint8Array,
  into: Operation[],
): void {
  if (group.lines.length === 0) return;
  for (let start = 0; start < group.lines.length; start += SEGMENT_ENTRIES) {
    into.push({
      key: segmentKey(group.firstSequence + start),
      value: group.lines.slice(start, start + SEGMENT_ENTRIES).join(LINE_END),
    });
  }
  for (const operation of group.auditIndex) into.push(operation);
  into.push(headOperation(head, auditKey));
}

export const headOperation = (head: AuditHead, auditKey: Uint8Array): Operation => ({
  key: HEAD_KEY,
  value: JSON.stringify(sealHead(head, auditKey)),
});

/** All stored lines from the first on, read piecewise; other work gets its turn in between. */
export async function* storedLines(view: View): AsyncGenerator<StoredLine> {
  let range = segmentsFrom(0, SEGMENTS_A_READ);
  for (;;) {
    const rows = await view.range(range);
    for (const [key, segment] of rows) {
      const first = sequenceOf(key);
      for (const [place, line] of segment.split(LINE_END).entries()) {
        yield { sequence: first + place, line };
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < SEGMENTS_A_READ) return;
    range = { above: last[0], below: range.below, limit: SEGMENTS_A_READ };
    await nextTurn();
  }
}

/** The last stored line; `undefined` when there is none. */
export async function lastLine(view: View): Promise<StoredLine | undefined> {
  const [row] = await view.range(segmentHolding(Number.MAX_SAFE_INTEGER - 1));
  if (row === undefined) return undefined;
  const lines = row[1].split(LINE_END);
  return { sequence: sequenceOf(row[0]) + lines.length - 1, line: lines.at(-1) ?? '' };
}

export async function auditPage(view: View, query: AuditQuery): Promise<AuditPage> {
  checkLimit(query.limit, PAGE_LIMIT_MAX);
  if (!Number.isSafeInteger(query.after) || query.after < 0) {
    throw misuse('an audit page begins after an integer of at least 0');
  }
  if (query.serial !== undefined) return indexedPage(view, query, 'serial', query.serial);
  if (query.account !== undefined) return indexedPage(view, query, 'account', query.account);
  return plainPage(view, query);
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

/** By one index; where another field is asked for too, a page may hold fewer than it could. */
async function indexedPage(
  view: View,
  query: AuditQuery,
  field: AuditField,
  value: string,
): Promise<AuditPage> {
  checkPart(value, `an audit entry's ${field}`);
  const rows = await view.range(auditIndexedAfter(field, value, query.after, query.limit + 1));
  const shown = rows.slice(0, query.limit);
  const items: AuditEntry[] = [];
  for (let start = 0; start < shown.length; start += SEGMENTS_A_READ) {
    const places = shown.slice(start, start + SEGMENTS_A_READ).map(([key, inSegment]) => {
      const sequence = sequenceOf(key);
      return { sequence, inSegment: Number(inSegment) };
    });
    const segments = await view.many(places.map((at) => segmentKey(at.sequence - at.inSegment)));
    places.forEach(({ sequence, inSegment }, place) => {
      const line = segments[place]?.split(LINE_END)[inSegment];
      const entry = parseEntry(line, sequence);
      if (FIELDS.every((other) => query[other] === undefined || query[other] === entry[other])) {
        items.push(entry);
      }
    });
  }
  const last = shown.at(-1);
  return {
    items,
    next: rows.length > query.limit && last !== undefined ? sequenceOf(last[0]) : null,
  };
}

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
