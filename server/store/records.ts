import type { Backend, Operation, View } from './backend.ts';
import { createRecordCache, type RecordCache, type UNKNOWN } from './cache.ts';
import { damaged } from './damage.ts';
import type { Change, Group } from './group.ts';
import { checkPart, indexedAfter, indexKey, lastPart, recordKey, recordsAfter } from './keys.ts';
import { checkLimit, misuse, PAGE_LIMIT_MAX } from './misuse.ts';
import type { Key, Kind, ScanPage, ScanRange, Write } from './port.ts';
import { StandIns } from './stand-ins.ts';

const NAME = /^[a-z][a-zA-Z]*$/;
const NONE: readonly string[] = [];
/** An id that ends so is none: see `checkPart`. */
const NOBODYS = '\u0001';

/** What memory holds of one kind. */
interface Held extends RecordCache {
  readonly standIns: StandIns;
}

/** Records as they are read, changed and found again by their indexes. */
export class Records {
  readonly #backend: Backend;
  /** By kind; one that has none was not declared. */
  readonly #caches: ReadonlyMap<Kind<unknown>, Held>;

  constructor(backend: Backend, kinds: readonly Kind<unknown>[], cachedRecords: number) {
    this.#backend = backend;
    checkNames(kinds);
    this.#caches = new Map(
      kinds.map((kind) => [
        kind,
        { ...createRecordCache(cachedRecords), standIns: new StandIns() },
      ]),
    );
  }

  /** The record as memory holds it; `UNKNOWN` where only the disk can tell. */
  cached({ kind, id }: Key<unknown>): object | undefined | typeof UNKNOWN {
    return this.#cacheOf(kind).get(id);
  }

  /** The record as it is on disk, from then on held in memory. */
  load({ kind, id }: Key<unknown>): object | undefined {
    const cache = this.#cacheOf(kind);
    // What has been cached was checked when it came in.
    checkPart(id, 'an id');
    const record = this.#onDisk(kind, id);
    cache.set(id, record);
    if (record !== undefined) cache.standIns.loaded(id);
    return record;
  }

  /**
   * What a read of this record lacks of the dearest: one from the disk that finds a record, and one
   * that finds none. For one that is missing another of its kind is read, that a time apart does
   * not tell the two from each other.
   */
  makeUp(
    { kind, id }: Key<unknown>,
    { exists, loaded }: { readonly exists: boolean; readonly loaded: boolean },
  ): void {
    // A read that finds nothing costs by what lies near it: it is looked for beside what is there.
    const there = exists ? id : (this.#cacheOf(kind).standIns.next() ?? id);
    if (!exists || !loaded) this.#onDisk(kind, there);
    if (exists || !loaded) this.#onDisk(kind, there + NOBODYS);
  }

  #onDisk({ name }: Kind<unknown>, id: string): object | undefined {
    const text = this.#backend.getSync(recordKey(name, id));
    return text === undefined ? undefined : parseRecord(text);
  }

  /**
   * @param before the record as the decision saw it
   * @throws when the record is not JSON or an index value cannot stand in a key
   */
  change({ key, record, cold = false }: Write, before: object | undefined): Change {
    return {
      key,
      record,
      cold,
      text: record === undefined ? undefined : JSON.stringify(record),
      indexedBefore: indexEntries(key, before),
      indexed: indexEntries(key, record),
    };
  }

  /** What a group's changes come to on disk. */
  operations(group: Group, into: Operation[]): void {
    for (const { key, text, indexedBefore, indexed } of group.changes()) {
      into.push({ key: recordKey(key.kind.name, key.id), value: text });
      if (indexed === indexedBefore) continue;
      for (const entry of indexedBefore) {
        if (!indexed.includes(entry)) into.push({ key: entry, value: undefined });
      }
      for (const entry of indexed) {
        if (!indexedBefore.includes(entry)) into.push({ key: entry, value: '' });
      }
    }
  }

  /** The group is on disk now. */
  settle(group: Group): void {
    for (const { key, record, cold } of group.changes()) {
      const cache = this.#cacheOf(key.kind);
      if (cold) cache.forget(key.id);
      else cache.set(key.id, record);
      if (record !== undefined) cache.standIns.written(key.id);
    }
  }

  async page<T>(view: View, kind: Kind<T>, range: ScanRange): Promise<ScanPage<T>> {
    const { after = '', limit } = range;
    this.#cacheOf(kind);
    checkLimit(limit, PAGE_LIMIT_MAX);
    // One more than asked for tells whether there is a next page.
    const rows = await view.range(
      range.index === undefined
        ? recordsAfter(kind.name, after, limit + 1)
        : indexRange(kind, range.index, range.value, after, limit + 1),
    );
    const shown = rows.slice(0, limit);
    const texts =
      range.index === undefined
        ? shown.map(([, text]) => text)
        : await view.many(shown.map(([key]) => recordKey(kind.name, lastPart(key))));
    const last = shown.at(-1);
    return {
      items: texts.map((text) => parseIndexed(text) as T),
      next: rows.length > limit && last !== undefined ? lastPart(last[0]) : null,
    };
  }

  #cacheOf(kind: Kind<unknown>): Held {
    const cache = this.#caches.get(kind);
    if (cache !== undefined) return cache;
    throw misuse(`the kind ${kind.name} was not handed to the store when it opened`);
  }
}

function checkNames(kinds: readonly Kind<unknown>[]): void {
  const names = new Set(kinds.map(({ name }) => name));
  if (names.size !== kinds.length) throw misuse('two kinds have the same name');
  for (const { name, indexes } of kinds) {
    for (const word of [name, ...indexes]) {
      if (!NAME.test(word)) throw misuse(`the name ${word} is not of the form ${NAME.source}`);
    }
  }
}

function indexEntries({ kind, id }: Key<unknown>, record: object | undefined): readonly string[] {
  if (record === undefined || kind.indexes.length === 0) return NONE;
  return kind.indexes.flatMap((index) =>
    kind.indexValues(index, record).map((value) => {
      checkPart(value, `a value of index ${index} of ${kind.name}`);
      return indexKey(kind.name, index, value, id);
    }),
  );
}

function indexRange<T>(
  kind: Kind<T>,
  index: string,
  value: string | undefined,
  after: string,
  limit: number,
) {
  if (!kind.indexes.includes(index)) throw misuse(`${kind.name} has no index ${index}`);
  if (value === undefined) throw misuse(`a scan over index ${index} needs a value`);
  checkPart(value, `a value of index ${index} of ${kind.name}`);
  return indexedAfter(kind.name, index, value, after, limit);
}

function parseIndexed(text: string | undefined): object {
  if (text === undefined) throw damaged('an index entry stands without its record');
  return parseRecord(text);
}

function parseRecord(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    // What JSON.parse says quotes the record: it is not passed on.
    throw damaged('a record is not JSON');
  }
}
