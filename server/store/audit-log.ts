import { setImmediate as nextTurn } from 'node:timers/promises';
import { FobtwinError } from '../../shared/errors.ts';
import { sealHead, stamp } from '../audit/chain.ts';
import type { AuditDraft, AuditHead } from '../audit/entry.ts';
import type { StoredLine } from '../audit/walk.ts';
import { AuditIndex, loadMoments } from './audit-index.ts';
import { firstOutsideRuns, parseIndexed, SEGMENT_ENTRIES } from './audit-run.ts';
import type { KeyRange, Operation, View } from './backend.ts';
import type { Group } from './group.ts';
import {
  AUDIT_FIELDS,
  BASE_KEY,
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

export const baseOperation = (base: AuditHead, auditKey: Uint8Array): Operation => ({
  key: BASE_KEY,
  value: JSON.stringify(sealHead(base, auditKey, 'base')),
});

/** A stored line, and the first sequence of the segment that it lies in. */
export interface SegmentLine extends StoredLine {
  readonly segment: number;
}

/**
 * All stored lines from the base on, read piecewise, whatever is wrong with them; other work gets
 * its turn in between. What a retention that was broken off has left before the base is no longer
 * part of the log.
 */
export const storedLines = (view: View, { sequence }: AuditHead): AsyncGenerator<SegmentLine> =>
  linesIn(view, segmentsFrom(sequence === 0 ? 0 : sequence + 1, SEGMENTS_A_READ));

/**
 * The lines of the entries from `first` to `last`, as far as there are any. The first segments are
 * read one by one, so that few entries cost few rows.
 *
 * @throws FobtwinError `dataDirectoryDamaged` where one is missing
 */
export async function* linesBetween(
  view: View,
  first: number,
  last: number,
): AsyncGenerator<SegmentLine> {
  let sequence = first;
  let rows = await view.range(segmentHolding(first));
  for (let together = 1; ; together = Math.min(2 * together, SEGMENTS_A_READ)) {
    for (const [key, text] of rows) {
      const segment = sequenceOf(key);
      if (segment > sequence) throw damagedAt(sequence);
      for (const line of text.split(LINE_END).slice(sequence - segment)) {
        if (sequence > last) return;
        yield { sequence, line, segment };
        sequence += 1;
      }
    }
    if (sequence > last) return;
    rows = await view.range(segmentsFrom(sequence, together));
    if (rows.length === 0) return;
  }
}

export const damagedAt = (sequence: number): FobtwinError =>
  new FobtwinError('dataDirectoryDamaged', 'The audit log is damaged.', {
    detail: `audit entry ${sequence} cannot be read`,
    nextStep: 'Run `fobd audit verify` to see what is wrong, then restore a backup.',
  });

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
export async function loadAuditIndex(view: View, base: AuditHead): Promise<AuditIndex> {
  const lastSequence = (await lastLine(view))?.sequence ?? 0;
  const index = new AuditIndex(lastSequence, base, await loadMoments(view, base, lastSequence));
  const first = Math.max(firstOutsideRuns(lastSequence), base.sequence + 1);
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
