import type { UnixMillis } from '../../shared/types.ts';
import type { Operation } from './backend.ts';
import { AUDIT_FIELDS, type AuditField, auditIndexKey } from './keys.ts';

/**
 * One run of the audit index: the entries of 4,096 consecutive sequences, as its rows tell of them.
 * The rows are a pure function of the entries and of how they lie in segments, so whoever has the
 * log can tell whether they are right, and make them again:
 *
 *     x FIELD RUN BUCKET     of each value whose hash falls into the bucket, where its entries are
 *     x time RUN 0           the least and the greatest moment of the run
 *     x timeBlocks RUN 0     the same of each block of 64 sequences
 */
export const RUN_ENTRIES = 4096;
const BUCKETS = 64;
/** Most entries in one segment: reading one entry reads at most so many. */
export const SEGMENT_ENTRIES = 64;
export const BLOCK_ENTRIES = 64;
const BLOCKS = RUN_ENTRIES / BLOCK_ENTRIES;

const VALUE_END = '\t';
const LINE_END = '\n';
const RADIX = 36;

/** An entry's sequence, and the first of the segment that it lies in. */
export interface EntryPlace {
  readonly sequence: number;
  readonly segment: number;
}

/** From one moment to another, both among them. */
export interface Moments {
  readonly least: number;
  readonly greatest: number;
}

/** What the index needs of an entry. What is no entry stands nowhere, and at no moment. */
export type Indexed = { readonly [field in AuditField]?: string | undefined } & {
  readonly at?: UnixMillis | undefined;
};

export class Run {
  readonly number: number;
  /**
   * Only what the index needs of entries, a list for each part of it: objects by the thousand that
   * live as long as a run fills are what a collection of the heap pays most for.
   */
  readonly #packed: number[] = [];
  readonly #at: number[] = [];
  readonly #values: Readonly<Record<AuditField, (string | undefined)[]>> = {
    serial: [],
    account: [],
    application: [],
  };

  constructor(number: number) {
    this.number = number;
  }

  add(entry: Indexed, { sequence, segment }: EntryPlace): void {
    const { at } = entry;
    this.#at.push(typeof at === 'number' ? at : Number.NaN);
    for (const field of AUDIT_FIELDS) {
      const value = entry[field];
      this.#values[field].push(typeof value === 'string' ? value : undefined);
    }
    this.#packed.push(offsetInRun(sequence) * SEGMENT_ENTRIES + (sequence - segment));
  }

  /** Forgets the entries up to `sequence`. */
  dropThrough(sequence: number): void {
    const kept = this.#packed.findIndex(
      (packed) => unpackPlace(this.number, packed).sequence > sequence,
    );
    const count = kept < 0 ? this.#packed.length : kept;
    for (const list of [this.#packed, this.#at, ...Object.values(this.#values)]) {
      list.splice(0, count);
    }
  }

  placesOf(isWanted: (entry: Indexed) => boolean): readonly EntryPlace[] {
    const wanted = this.#packed.filter((_, entry) => isWanted(this.#indexedAt(entry)));
    return wanted.map((packed) => unpackPlace(this.number, packed));
  }

  get moments(): Moments | undefined {
    return momentsOf(this.#at);
  }

  /** What the run comes to on disk. */
  operations(into: Operation[]): void {
    for (const [key, value] of this.rows()) into.push({ key, value });
  }

  rows(): ReadonlyMap<string, string> {
    const rows = new Map<string, string>();
    const texts = this.#packed.map((packed) => packed.toString(RADIX));
    for (const field of AUDIT_FIELDS) {
      for (const [bucket, parts] of this.#buckets(field, texts).entries()) {
        if (parts.length > 0) rows.set(auditIndexKey(field, this.number, bucket), parts.join(''));
      }
    }
    const { moments } = this;
    if (moments !== undefined) {
      rows.set(auditIndexKey('time', this.number, 0), `${moments.least} ${moments.greatest}`);
      rows.set(auditIndexKey('timeBlocks', this.number, 0), this.#blocks(moments.least));
    }
    return rows;
  }

  /** By bucket, what makes its row: of each value, in order of its first entry, all places. */
  #buckets(field: AuditField, texts: readonly string[]): readonly (readonly string[])[] {
    const buckets: string[][] = Array.from({ length: BUCKETS }, () => []);
    const byValue = new Map<string, string[]>();
    for (const [entry, value] of this.#values[field].entries()) {
      if (value === undefined) continue;
      const places = byValue.get(value);
      if (places === undefined) byValue.set(value, [texts[entry] ?? '']);
      else places.push(texts[entry] ?? '');
    }
    for (const [value, places] of byValue) {
      buckets[bucketOf(value)]?.push(value, VALUE_END, places.join(' '), LINE_END);
    }
    return buckets;
  }

  /** Of each block its moments after the run's least; nothing of a block without entries. */
  #blocks(least: number): string {
    const blocks: number[][] = Array.from({ length: BLOCKS }, () => []);
    for (const [entry, packed] of this.#packed.entries()) {
      const offset = Math.floor(packed / SEGMENT_ENTRIES);
      blocks[Math.floor(offset / BLOCK_ENTRIES)]?.push(this.#at[entry] ?? Number.NaN);
    }
    return blocks.map((moments) => blockText(momentsOf(moments), least)).join(';');
  }

  #indexedAt(entry: number): Indexed {
    const { serial, account, application } = this.#values;
    return {
      serial: serial[entry],
      account: account[entry],
      application: application[entry],
      at: this.#at[entry] as UnixMillis | undefined,
    };
  }
}

const blockText = (moments: Moments | undefined, least: number): string =>
  moments === undefined
    ? ''
    : `${(moments.least - least).toString(RADIX)},${(moments.greatest - least).toString(RADIX)}`;

/** What is no number is no moment. */
function momentsOf(list: readonly number[]): Moments | undefined {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const at of list) {
    if (at < least) least = at;
    if (at > greatest) greatest = at;
  }
  return least <= greatest ? { least, greatest } : undefined;
}

export function parseMoments(row: string | undefined): Moments | undefined {
  const [least = Number.NaN, greatest = Number.NaN] = (row ?? '').split(' ').map(Number);
  return least <= greatest ? { least, greatest } : undefined;
}

/** Of each block, from 0, its moments; `undefined` where the row does not say. */
export function parseBlocks(
  row: string | undefined,
  { least }: Moments,
): readonly (Moments | undefined)[] {
  return (row ?? '').split(';').map((text) => {
    const [from, to] = text.split(',').map((delta) => least + Number.parseInt(delta, RADIX));
    return from !== undefined && to !== undefined && from <= to
      ? { least: from, greatest: to }
      : undefined;
  });
}

/** Where, by a row of the index, the entries of `value` are; as the run packs them. */
export function packedIn(row: string | undefined, value: string): readonly number[] {
  const start = value + VALUE_END;
  const line = row?.split(LINE_END).find((candidate) => candidate.startsWith(start));
  if (line === undefined) return [];
  const packed = line.slice(start.length).split(' ');
  return packed.map((one) => Number.parseInt(one, RADIX));
}

/** The first sequence that no complete run holds, in a log that ends with `lastSequence`. */
export const firstOutsideRuns = (lastSequence: number): number =>
  firstOfRun(runOf(lastSequence + 1));

/** The run, from 0, that holds a sequence; of one past the last: how many runs are complete. */
export const runOf = (sequence: number): number => Math.floor((sequence - 1) / RUN_ENTRIES);
export const firstOfRun = (run: number): number => run * RUN_ENTRIES + 1;
export const offsetInRun = (sequence: number): number => (sequence - 1) % RUN_ENTRIES;
export const blockOf = (sequence: number): number =>
  Math.floor(offsetInRun(sequence) / BLOCK_ENTRIES);

export function unpackPlace(run: number, packed: number): EntryPlace {
  const place = packed % SEGMENT_ENTRIES;
  const sequence = run * RUN_ENTRIES + (packed - place) / SEGMENT_ENTRIES + 1;
  return { sequence, segment: sequence - place };
}

/** FNV-1a over UTF-16 code units: what lies on disk depends on it. */
export function bucketOf(value: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < value.length; place += 1) {
    hash = Math.imul(hash ^ value.charCodeAt(place), 0x01000193);
  }
  return (hash >>> 0) % BUCKETS;
}

/** A line that is no entry is for the verification to find; nobody can ask for it by index. */
export function parseIndexed(line: string): Indexed {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
