import type { AuditDraft } from '../audit/entry.ts';
import type { Operation, View } from './backend.ts';
import { AUDIT_FIELDS, type AuditField, auditIndexKey } from './keys.ts';

/**
 * Where in the log a serial's or an account's entries are. A row an entry would cost more than the
 * entry, so the index is written in runs: the entries of 4,096 consecutive sequences, spread over
 * 64 rows by a hash of the value. A run is written with the entry that completes it, atomically, so
 * how many there are follows from the last sequence; what no run holds yet is kept in memory, and
 * found again from the log when the store opens. Looking one value up reads one row a run.
 */
export const RUN_ENTRIES = 4096;
const BUCKETS = 64;
/** Most entries in one segment: reading one entry reads at most so many. */
export const SEGMENT_ENTRIES = 64;
/** Rows of runs read at a time. */
const RUNS_A_READ = 64;

const VALUE_END = '\t';
const LINE_END = '\n';
const RADIX = 36;

/** An entry's sequence, and the first of the segment that it lies in. */
export interface EntryPlace {
  readonly sequence: number;
  readonly segment: number;
}

/** What the index needs of an entry. */
export type Indexed = Pick<AuditDraft, AuditField>;

/** One run while it fills, and until it is durable: what was added, in order. */
class Run {
  readonly number: number;
  readonly #entries: Indexed[] = [];
  readonly #packed: number[] = [];

  constructor(number: number) {
    this.number = number;
  }

  add(entry: Indexed, { sequence, segment }: EntryPlace): void {
    this.#entries.push(entry);
    this.#packed.push(offsetInRun(sequence) * SEGMENT_ENTRIES + (sequence - segment));
  }

  places(field: AuditField, value: string): readonly EntryPlace[] {
    const places = this.#packed.filter((_, place) => this.#entries[place]?.[field] === value);
    return places.map((packed) => unpack(this.number, packed));
  }

  operations(into: Operation[]): void {
    for (const field of AUDIT_FIELDS) {
      const buckets = new Map<number, string>();
      for (const [value, places] of this.#placesByValue(field)) {
        const bucket = bucketOf(value);
        const line = value + VALUE_END + places + LINE_END;
        buckets.set(bucket, (buckets.get(bucket) ?? '') + line);
      }
      for (const [bucket, value] of buckets) {
        into.push({ key: auditIndexKey(field, this.number, bucket), value });
      }
    }
  }

  #placesByValue(field: AuditField): ReadonlyMap<string, string> {
    const byValue = new Map<string, string>();
    this.#packed.forEach((packed, place) => {
      const value = this.#entries[place]?.[field];
      if (value === undefined) return;
      const earlier = byValue.get(value);
      const text = packed.toString(RADIX);
      byValue.set(value, earlier === undefined ? text : `${earlier} ${text}`);
    });
    return byValue;
  }
}

export class AuditIndex {
  /** Filling. */
  #run: Run;
  /** Complete and decided, but not yet known to be durable; oldest first. */
  readonly #sealed: Run[] = [];

  /** @param lastSequence of the log; what its last, incomplete run holds is added by the caller */
  constructor(lastSequence: number) {
    this.#run = new Run(runOf(lastSequence + 1));
  }

  /** In order of sequence. Where the entry completes a run, its rows go into `into`. */
  add(entry: Indexed, place: EntryPlace, into: Operation[]): void {
    this.#run.add(entry, place);
    if (offsetInRun(place.sequence) < RUN_ENTRIES - 1) return;
    this.#run.operations(into);
    this.#sealed.push(this.#run);
    this.#run = new Run(this.#run.number + 1);
  }

  /** Everything up to `sequence` is durable. */
  settle(sequence: number): void {
    while (this.#sealed[0] !== undefined && this.#sealed[0].number < runOf(sequence + 1)) {
      this.#sealed.shift();
    }
  }

  /** What memory knows, oldest first: all that a view taken at this moment has no run for. */
  recent(field: AuditField, value: string): readonly EntryPlace[] {
    return [...this.#sealed, this.#run].flatMap((run) => run.places(field, value));
  }
}

export interface Lookup {
  readonly field: AuditField;
  readonly value: string;
  readonly after: number;
  readonly limit: number;
  /** Where the log ends in the view. */
  readonly lastSequence: number;
  /** From `AuditIndex.recent`, taken when the view was. */
  readonly recent: readonly EntryPlace[];
}

/** The first `limit` entries of the value after `after`, in order. */
export async function lookUp(view: View, lookup: Lookup): Promise<readonly EntryPlace[]> {
  const { field, value, after, limit, lastSequence, recent } = lookup;
  const found: EntryPlace[] = [];
  const bucket = bucketOf(value);
  const runs = runOf(lastSequence + 1);
  for (let run = runOf(after + 1); run < runs && found.length < limit; run += RUNS_A_READ) {
    const numbers = Array.from({ length: Math.min(RUNS_A_READ, runs - run) }, (_, i) => run + i);
    const rows = await view.many(numbers.map((number) => auditIndexKey(field, number, bucket)));
    rows.forEach((row, i) => {
      for (const place of placesIn(row, value, run + i)) {
        if (place.sequence > after) found.push(place);
      }
    });
  }
  for (const place of recent) {
    const inRun = runOf(place.sequence) < runs;
    if (!inRun && place.sequence > after && place.sequence <= lastSequence) found.push(place);
  }
  return found.slice(0, limit);
}

function placesIn(row: string | undefined, value: string, run: number): readonly EntryPlace[] {
  const start = value + VALUE_END;
  const line = row?.split(LINE_END).find((candidate) => candidate.startsWith(start));
  if (line === undefined) return [];
  const packed = line.slice(start.length).split(' ');
  return packed.map((one) => unpack(run, Number.parseInt(one, RADIX)));
}

/** The first sequence that no complete run holds, in a log that ends with `lastSequence`. */
export const firstOutsideRuns = (lastSequence: number): number =>
  runOf(lastSequence + 1) * RUN_ENTRIES + 1;

/** The run, from 0, that holds a sequence; of one past the last: how many runs are complete. */
const runOf = (sequence: number): number => Math.floor((sequence - 1) / RUN_ENTRIES);
const offsetInRun = (sequence: number): number => (sequence - 1) % RUN_ENTRIES;

function unpack(run: number, packed: number): EntryPlace {
  const place = packed % SEGMENT_ENTRIES;
  const sequence = run * RUN_ENTRIES + (packed - place) / SEGMENT_ENTRIES + 1;
  return { sequence, segment: sequence - place };
}

/** FNV-1a over UTF-16 code units: what lies on disk depends on it. */
function bucketOf(value: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < value.length; place += 1) {
    hash = Math.imul(hash ^ value.charCodeAt(place), 0x01000193);
  }
  return (hash >>> 0) % BUCKETS;
}
