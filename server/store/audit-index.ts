import type { AuditHead } from '../audit/entry.ts';
import {
  type EntryPlace,
  firstOfRun,
  type Indexed,
  type Moments,
  offsetInRun,
  parseMoments,
  RUN_ENTRIES,
  Run,
  runOf,
} from './audit-run.ts';
import type { Operation, View } from './backend.ts';
import { auditIndexRows, runOfKey } from './keys.ts';

/**
 * Where in the log the entries of a serial, an account, an application or a time are. A row an
 * entry would cost more than the entry, so the index is written in runs (audit-run.ts). A run is
 * written with the entry that completes it, atomically, so how many there are follows from the last
 * sequence; what no run holds yet is kept in memory, and found again from the log when the store
 * opens. So are the moments between which each run lies: two numbers a run.
 */
export class AuditIndex {
  /** The last entry that retention removed; sequence 0 where it has removed none. */
  #base: AuditHead;
  /** Filling. */
  #run: Run;
  /** Complete and decided, but not yet known to be durable; oldest first. */
  readonly #sealed: Run[] = [];
  /** By run; one that is not here may hold any moment. */
  readonly #moments: Map<number, Moments>;

  /** @param lastSequence of the log; what its last, incomplete run holds is added by the caller */
  constructor(
    lastSequence: number,
    base: AuditHead,
    moments: ReadonlyMap<number, Moments> = new Map(),
  ) {
    this.#base = base;
    this.#run = new Run(runOf(lastSequence + 1));
    this.#moments = new Map(moments);
  }

  get base(): AuditHead {
    return this.#base;
  }

  /** The run that fills. */
  get filling(): number {
    return this.#run.number;
  }

  /** In order of sequence. Where the entry completes a run, its rows go into `into`. */
  add(entry: Indexed, place: EntryPlace, into: Operation[]): void {
    this.#run.add(entry, place);
    if (offsetInRun(place.sequence) < RUN_ENTRIES - 1) return;
    this.#run.operations(into);
    this.noteMoments(this.#run.number, this.#run.moments);
    this.#sealed.push(this.#run);
    this.#run = new Run(this.#run.number + 1);
  }

  /** Everything up to `sequence` is durable. */
  settle(sequence: number): void {
    while (this.#sealed[0] !== undefined && this.#sealed[0].number < runOf(sequence + 1)) {
      this.#sealed.shift();
    }
  }

  /** Retention has removed everything up to `base`. */
  moveBase(base: AuditHead): void {
    this.#base = base;
    this.#run.dropThrough(base.sequence);
    const first = runOf(base.sequence + 1);
    for (const run of this.#moments.keys()) if (run < first) this.#moments.delete(run);
  }

  noteMoments(run: number, moments: Moments | undefined): void {
    if (moments !== undefined) this.#moments.set(run, moments);
  }

  momentsOf(run: number): Moments {
    return this.#moments.get(run) ?? ANY_MOMENT;
  }

  /** What memory knows, oldest first: all that a view taken at this moment has no run for. */
  recent(isWanted: (entry: Indexed) => boolean): readonly EntryPlace[] {
    return [...this.#sealed, this.#run].flatMap((run) => run.placesOf(isWanted));
  }
}

const ANY_MOMENT: Moments = {
  least: Number.NEGATIVE_INFINITY,
  greatest: Number.POSITIVE_INFINITY,
};

/** Rows of moments read at a time. */
const MOMENTS_A_READ = 1000;

/** Between what moments each complete run lies, as its row says. */
export async function loadMoments(
  view: View,
  base: AuditHead,
  lastSequence: number,
): Promise<ReadonlyMap<number, Moments>> {
  const found = new Map<number, Moments>();
  const end = runOf(lastSequence + 1);
  for (let first = runOf(base.sequence + 1); first < end; ) {
    const rows = await view.range(auditIndexRows('time', first, end, MOMENTS_A_READ));
    for (const [key, row] of rows) {
      const moments = parseMoments(row);
      if (moments !== undefined) found.set(runOfKey(key), moments);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < MOMENTS_A_READ) break;
    first = runOfKey(last[0]) + 1;
  }
  return found;
}

/** The first sequence of run `run` that retention has not removed. */
export const firstKeptOf = (run: number, base: AuditHead): number =>
  Math.max(firstOfRun(run), base.sequence + 1);
