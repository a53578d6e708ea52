import type { UnixMillis } from '../../shared/types.ts';
import { hashLine } from '../audit/chain.ts';
import type { AuditHead } from '../audit/entry.ts';
import { type AuditIndex, firstKeptOf } from './audit-index.ts';
import { damagedAt, LINE_END, lastLine, linesBetween } from './audit-log.ts';
import { type RunRepair, repairOf, slices } from './audit-rows.ts';
import { firstOfRun, parseIndexed, RUN_ENTRIES, Run, runOf } from './audit-run.ts';
import type { Operation, View } from './backend.ts';
import {
  AUDIT_INDEXES,
  auditIndexRows,
  segmentHolding,
  segmentsBefore,
  sequenceOf,
} from './keys.ts';

/** How the front of the log is removed: what lies there, and what must change with it. */

/** Rows removed with one write. Segments are read to be removed, and may be of 64 entries each. */
const SEGMENTS_A_SLICE = 64;
const INDEX_ROWS_A_SLICE = 256;

/**
 * The last entry of the last segment that holds none after `through`; the base where there is none.
 * Never the last of the log.
 */
export async function reachOf(view: View, base: AuditHead, through: number): Promise<AuditHead> {
  const last = await lastLine(view);
  const wanted = Math.min(through, (last?.sequence ?? 0) - 1);
  if (wanted <= base.sequence) return base;
  const [after] = await view.range(segmentHolding(wanted + 1));
  const end = after === undefined ? 0 : sequenceOf(after[0]) - 1;
  if (end <= base.sequence) return base;
  const [holding] = await view.range(segmentHolding(end));
  const line = holding?.[1].split(LINE_END)[end - sequenceOf(holding[0])];
  if (line === undefined) throw damagedAt(end);
  return { writer: base.writer, sequence: end, hash: hashLine(line) };
}

/**
 * The last entry before the first that was recorded at `olderThan` or later: where the clock was
 * set back, what is younger keeps what comes after it.
 */
export async function lastOlder(
  view: View,
  index: AuditIndex,
  olderThan: UnixMillis,
): Promise<number> {
  const { base } = index;
  const lastSequence = (await lastLine(view))?.sequence ?? 0;
  const end = runOf(lastSequence + 1);
  let run = runOf(base.sequence + 1);
  while (run < end && index.momentsOf(run).greatest < olderThan) run += 1;
  const from = firstKeptOf(run, base);
  for await (const { sequence, line } of linesBetween(view, from, lastSequence)) {
    if ((parseIndexed(line).at ?? olderThan) >= olderThan) return sequence - 1;
  }
  return lastSequence;
}

/**
 * The run that `base` cuts into, as its rows must be once the base is there; `undefined` where it
 * cuts into none that the view has whole.
 */
export async function cutRun(view: View, base: AuditHead): Promise<RunRepair | undefined> {
  const number = runOf(base.sequence + 1);
  const lastSequence = (await lastLine(view))?.sequence ?? 0;
  const first = base.sequence + 1;
  if (number >= runOf(lastSequence + 1) || first === firstOfRun(number)) return undefined;
  const run = new Run(number);
  const last = firstOfRun(number) + RUN_ENTRIES - 1;
  for await (const { line, ...place } of linesBetween(view, first, last)) {
    run.add(parseIndexed(line), place);
  }
  return repairOf(view, run);
}

/** What removes, in slices, everything that lies before the base; nothing where all is done. */
export async function* removals(
  view: View,
  { sequence }: AuditHead,
): AsyncGenerator<readonly Operation[]> {
  if (sequence === 0) return;
  const runs = AUDIT_INDEXES.map((name) =>
    auditIndexRows(name, 0, runOf(sequence + 1), INDEX_ROWS_A_SLICE),
  );
  for (const range of [segmentsBefore(sequence + 1, SEGMENTS_A_SLICE), ...runs]) {
    for await (const rows of slices(view, range)) {
      yield rows.map(([key]) => ({ key, value: undefined }));
    }
  }
}
