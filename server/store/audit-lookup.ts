import {
  BLOCK_ENTRIES,
  blockOf,
  bucketOf,
  type EntryPlace,
  firstOfRun,
  type Moments,
  packedIn,
  parseBlocks,
  RUN_ENTRIES,
  runOf,
  unpackPlace,
} from './audit-run.ts';
import type { View } from './backend.ts';
import { type AuditField, auditIndexKey } from './keys.ts';

/**
 * Candidates for a page, by the index alone, in order of sequence. A value costs one row of each
 * run that may hold it, read until the page is full: 1, 2, 4 … at a time. Time costs no row but of
 * the runs that lie partly within it: which those are is known in memory.
 */
export interface Lookup {
  /** Every one of them must be the entry's. */
  readonly values: readonly (readonly [field: AuditField, value: string])[];
  /** From this moment on, and before that: milliseconds, or infinite. */
  readonly from: number;
  readonly to: number;
  readonly after: number;
  /** Where the log ends in the view. */
  readonly lastSequence: number;
  /** From `AuditIndex.recent`, taken when the view was. */
  readonly recent: readonly EntryPlace[];
  readonly momentsOf: (run: number) => Moments;
}

const RUNS_A_READ = 64;

type Overlap = 'none' | 'partly' | 'wholly';

function overlapOf({ least, greatest }: Moments, { from, to }: Pick<Lookup, 'from' | 'to'>) {
  if (greatest < from || least >= to) return 'none';
  return least >= from && greatest < to ? 'wholly' : 'partly';
}

/** Entries with all the values, of runs and blocks that overlap with the time asked for. */
export async function* placesOf(view: View, lookup: Lookup): AsyncGenerator<EntryPlace> {
  const { after, lastSequence, momentsOf, recent } = lookup;
  const end = runOf(lastSequence + 1);
  let together = 1;
  let chunk: number[] = [];
  for (let run = runOf(after + 1); run < end; run += 1) {
    if (overlapOf(momentsOf(run), lookup) !== 'none') chunk.push(run);
    if (chunk.length < together) continue;
    yield* placesInRuns(view, chunk, lookup);
    chunk = [];
    together = Math.min(2 * together, RUNS_A_READ);
  }
  yield* placesInRuns(view, chunk, lookup);
  for (const place of recent) if (isRecent(place, lookup)) yield place;
}

/** What the view has in its log, but in no run of its own. */
const isRecent = ({ sequence }: EntryPlace, { after, lastSequence }: Lookup): boolean =>
  runOf(sequence) >= runOf(lastSequence + 1) && sequence > after && sequence <= lastSequence;

async function* placesInRuns(
  view: View,
  runs: readonly number[],
  lookup: Lookup,
): AsyncGenerator<EntryPlace> {
  const keys = lookup.values.flatMap(([field, value]) =>
    runs.map((run) => auditIndexKey(field, run, bucketOf(value))),
  );
  const rows = await view.many(keys);
  for (const [place, run] of runs.entries()) {
    const packed = lookup.values.map(([, value], of) =>
      packedIn(rows[of * runs.length + place], value),
    );
    const places = intersection(packed).map((one) => unpackPlace(run, one));
    const later = places.filter(({ sequence }) => sequence > lookup.after);
    yield* await withinTime(view, run, later, lookup);
  }
}

function intersection([first = [], ...others]: readonly (readonly number[])[]): readonly number[] {
  const sets = others.map((packed) => new Set(packed));
  return first.filter((one) => sets.every((set) => set.has(one)));
}

async function withinTime(
  view: View,
  run: number,
  places: readonly EntryPlace[],
  lookup: Lookup,
): Promise<readonly EntryPlace[]> {
  if (places.length === 0 || overlapOf(lookup.momentsOf(run), lookup) === 'wholly') return places;
  const overlaps = await blockOverlaps(view, run, lookup);
  return places.filter(({ sequence }) => overlaps(blockOf(sequence)) !== 'none');
}

/** Without a row that tells, any block may hold what is looked for. */
async function blockOverlaps(
  view: View,
  run: number,
  lookup: Lookup,
): Promise<(block: number) => Overlap> {
  const moments = lookup.momentsOf(run);
  if (!Number.isFinite(moments.least)) return () => 'partly';
  const [row] = await view.many([auditIndexKey('timeBlocks', run, 0)]);
  if (row === undefined) return () => 'partly';
  const blocks = parseBlocks(row, moments);
  return (block) => {
    const within = blocks[block];
    return within === undefined ? 'none' : overlapOf(within, lookup);
  };
}

/** Sequences from one to another, both among them. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** Where, by runs and blocks, the entries of the time asked for are. */
export async function* stretchesOf(view: View, lookup: Lookup): AsyncGenerator<Stretch> {
  let pending: Stretch | undefined;
  for await (const { first, last } of piecesOf(view, lookup)) {
    if (pending?.last === first - 1) {
      pending = { first: pending.first, last };
      continue;
    }
    if (pending !== undefined) yield pending;
    pending = { first, last };
  }
  if (pending !== undefined) yield pending;
}

async function* piecesOf(view: View, lookup: Lookup): AsyncGenerator<Stretch> {
  const { after, lastSequence, momentsOf, recent } = lookup;
  const end = runOf(lastSequence + 1);
  for (let run = runOf(after + 1); run < end; run += 1) {
    const overlap = overlapOf(momentsOf(run), lookup);
    const first = firstOfRun(run);
    if (overlap === 'wholly') yield* clipped(first, first + RUN_ENTRIES - 1, after);
    if (overlap !== 'partly') continue;
    const overlaps = await blockOverlaps(view, run, lookup);
    for (let block = 0; block < RUN_ENTRIES / BLOCK_ENTRIES; block += 1) {
      const start = first + block * BLOCK_ENTRIES;
      if (overlaps(block) !== 'none') yield* clipped(start, start + BLOCK_ENTRIES - 1, after);
    }
  }
  for (const place of recent) {
    if (isRecent(place, lookup)) yield { first: place.sequence, last: place.sequence };
  }
}

function* clipped(first: number, last: number, after: number): Generator<Stretch> {
  if (last > after) yield { first: Math.max(first, after + 1), last };
}
