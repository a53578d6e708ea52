import { setImmediate as nextTurn } from 'node:timers/promises';
import { sealHead, stamp } from '../audit/chain.ts';
import type { AuditDraft, AuditHead } from '../audit/entry.ts';
import type { StoredLine } from '../audit/verify.ts';
import { AuditIndex, firstOutsideRuns, type Indexed, SEGMENT_ENTRIES } from './audit-index.ts';
import type { KeyRange, Operation, View } from './backend.ts';
import type { Group } from './group.ts';
import {
  AUDIT_FIELDS,
  checkPart,
  HEAD_KEY,
  segmentHolding,
  segmentKey,
  segmentsFrom,
  sequenceOf,
} from './keys.ts';

/**
 * How the audit log lies in the store: not an entry a row but a segment of entries a row, since a
 * row costs more than the entry in it. A group writes its own segments, so that none is ever
 * changed, and the sealed head with them.
 */

/** Segments read at a time. */
export const SEGMENTS_A_READ = 8;
/** Canonical JSON has no line breaks. */
export const LINE_END = '\n';

/** Drafts stamped, with the head that they make; nothing is committed yet. */
export interface Stamped {
  readonly lines: readonly string[];
  readonly head: AuditHead;
}

export function stampAll(drafts: readonly AuditDraft[], head: AuditHead): Stamped {
  const lines: string[] = [];
  let last = head;
  for (const draft of drafts) {
    for (const field of AUDIT_FIELDS) {
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
  { first, index }: { readonly first: number; readonly index: AuditIndex },
): void {
  if (group.lines.length === 0) group.firstSequence = first;
  drafts.forEach((draft, place) => {
    const sequence = first + place;
    const segment = sequence - ((sequence - group.firstSequence) % SEGMENT_ENTRIES);
    index.add(draft, { sequence, segment }, group.auditIndex);
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

/** A stored line, and the first sequence of the segment that it lies in. */
export interface SegmentLine extends StoredLine {
  readonly segment: number;
}

/** All stored lines from the first on, read piecewise; other work gets its turn in between. */
export const storedLines = (view: View): AsyncGenerator<SegmentLine> =>
  linesIn(view, segmentsFrom(0, SEGMENTS_A_READ));

async function* linesIn(view: View, first: KeyRange): AsyncGenerator<SegmentLine> {
  let range = first;
  for (;;) {
    const rows = await view.range(range);
    for (const [key, text] of rows) {
      const segment = sequenceOf(key);
      for (const [place, line] of text.split(LINE_END).entries()) {
        yield { sequence: segment + place, line, segment };
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

/** The index of the log as it is on disk: what no run holds yet is read from the log. */
export async function loadAuditIndex(view: View): Promise<AuditIndex> {
  const lastSequence = (await lastLine(view))?.sequence ?? 0;
  const index = new AuditIndex(lastSequence);
  const first = firstOutsideRuns(lastSequence);
  const [holding] = await view.range(segmentHolding(first));
  const from = holding === undefined ? first : sequenceOf(holding[0]);
  for await (const { sequence, segment, line } of linesIn(
    view,
    segmentsFrom(from, SEGMENTS_A_READ),
  )) {
    if (sequence >= first) index.add(parseIndexed(line), { sequence, segment }, []);
  }
  return index;
}

/** A line that is no entry is for the verification to find; nobody can ask for it by index. */
function parseIndexed(line: string): Indexed {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
