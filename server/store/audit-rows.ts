import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditHead, AuditVerdict } from '../audit/entry.ts';
import { firstKeptOf } from './audit-index.ts';
import type { SegmentLine } from './audit-log.ts';
import { type Moments, offsetInRun, parseIndexed, RUN_ENTRIES, Run, runOf } from './audit-run.ts';
import type { KeyRange, Operation, Row, View } from './backend.ts';
import { AUDIT_INDEXES, auditIndexRows, runOfKey } from './keys.ts';

/** The rows of the audit index held against what the log makes of them. */

/** A run has at most so many rows of one index, and one that is too many. */
const ROWS_OF_RUN = 65;
/** Rows of runs that should not be there, read at a time. */
const STRAY_ROWS = 256;

/** What makes the rows of one run right, and the moments that it lies between. */
export interface RunRepair {
  readonly run: number;
  readonly moments: Moments | undefined;
  readonly operations: readonly Operation[];
}

/** What is on disk of `run`, changed into what `run` comes to. */
export async function repairOf(view: View, run: Run): Promise<RunRepair> {
  const expected = run.rows();
  const operations: Operation[] = [];
  const right = new Set<string>();
  for (const [key, value] of await rowsOf(view, run.number)) {
    if (expected.get(key) === value) right.add(key);
    else if (!expected.has(key)) operations.push({ key, value: undefined });
  }
  for (const [key, value] of expected) if (!right.has(key)) operations.push({ key, value });
  return { run: run.number, moments: run.moments, operations };
}

async function rowsOf(view: View, run: number): Promise<readonly Row[]> {
  const ranges = AUDIT_INDEXES.map((name) => auditIndexRows(name, run, run + 1, ROWS_OF_RUN));
  return (await Promise.all(ranges.map((range) => view.range(range)))).flat();
}

/** Every complete run of a log, from its base on, with what its rows lack; then what is astray. */
export async function* repairs(
  view: View,
  lines: AsyncIterable<SegmentLine>,
  base: AuditHead,
): AsyncGenerator<RunRepair> {
  const walk = new RunWalk(base);
  for await (const line of lines) {
    const run = walk.next(line);
    if (run !== undefined) yield repairOf(view, run);
  }
  for (const name of AUDIT_INDEXES) {
    const range = auditIndexRows(name, walk.filling, Number.MAX_SAFE_INTEGER, STRAY_ROWS);
    for await (const rows of slices(view, range)) {
      const operations = rows.map(([key]) => ({ key, value: undefined }));
      yield { run: runOfKey(rows[0]?.[0] ?? ''), moments: undefined, operations };
    }
  }
}

/** Rows of a range, a bounded number at a time. */
export async function* slices(view: View, range: KeyRange): AsyncGenerator<readonly Row[]> {
  let next = range;
  for (;;) {
    const rows = await view.range(next);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < range.limit) return;
    next = { above: last[0], below: range.below, limit: range.limit };
    await nextTurn();
  }
}

/** Gathers lines into runs; one that retention has cut into holds what it has left. */
class RunWalk {
  #run: Run;

  constructor({ sequence }: AuditHead) {
    this.#run = new Run(runOf(sequence + 1));
  }

  get filling(): number {
    return this.#run.number;
  }

  /** The run that this line completes. */
  next({ sequence, segment, line }: SegmentLine): Run | undefined {
    // Only where lines are missing, which the chain tells.
    if (runOf(sequence) !== this.#run.number) this.#run = new Run(runOf(sequence));
    this.#run.add(parseIndexed(line), { sequence, segment });
    if (offsetInRun(sequence) < RUN_ENTRIES - 1) return undefined;
    const complete = this.#run;
    this.#run = new Run(complete.number + 1);
    return complete;
  }
}

/**
 * Lets lines through to the chain's verification, and looks at their index on the way.
 *
 * @returns the lines, and what the chain's verdict becomes when the index is looked at too
 */
export function watchIndex(
  view: View,
  lines: AsyncIterable<SegmentLine>,
  base: AuditHead,
): {
  readonly lines: AsyncIterable<SegmentLine>;
  judge(verdict: AuditVerdict): AuditVerdict;
} {
  const seen: SegmentLine[] = [];
  let damagedRun: number | undefined;
  async function* tapped(): AsyncGenerator<SegmentLine> {
    for await (const line of lines) {
      seen.push(line);
      yield line;
    }
  }
  async function* watched(): AsyncGenerator<SegmentLine> {
    for await (const { run, operations } of repairs(view, tapped(), base)) {
      yield* seen.splice(0);
      if (operations.length > 0) damagedRun ??= run;
    }
    yield* seen.splice(0);
  }
  return {
    lines: watched(),
    judge(verdict) {
      if (!verdict.sound || damagedRun === undefined) return verdict;
      const { checkpoint, ...found } = verdict;
      const faultAt = firstKeptOf(damagedRun, base);
      return { ...found, sound: false, fault: 'indexDamaged', faultAt };
    },
  };
}
