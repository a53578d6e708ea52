/**
 * Decoded records of one kind by id, bounded, in two generations: what was used since the last turn
 * is young, the rest is old and goes at the next. Holds durable records only; what is not yet
 * flushed lives in its group. `undefined` is a record known to be absent.
 *
 * Absent ones have a share of their own, so that asking for serials that do not exist cannot push
 * out those that do.
 */
export interface RecordCache {
  /** `UNKNOWN` when only the database can tell. */
  get(id: string): object | undefined | typeof UNKNOWN;
  set(id: string, record: object | undefined): void;
  /** From now on only the database can tell. */
  forget(id: string): void;
}

export const UNKNOWN = Symbol('unknown');

/**
 * The part of the limit for records that are there, and again for absent ones, which are small: all
 * serials' shadows find room, and the accounts of 100,000 tokens that have no record. What is used
 * in turn needs half of its part: one generation.
 */
const SHARE = 0.6;

export function createRecordCache(limit: number): RecordCache {
  const present = new Generations<object>(limit * SHARE);
  const absent = new Generations<true>(limit * SHARE);
  return {
    get(key) {
      const record = present.get(key);
      if (record !== undefined) return record;
      return absent.get(key) ? undefined : UNKNOWN;
    },
    set(key, record) {
      if (record === undefined) {
        present.delete(key);
        absent.set(key, true);
      } else {
        absent.delete(key);
        present.set(key, record);
      }
    },
    forget(key) {
      present.delete(key);
      absent.delete(key);
    },
  };
}

/** A map of at most `limit` entries; both generations together never exceed it. */
export class Generations<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(limit: number) {
    this.#half = Math.floor(limit / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#half === 0) return;
    this.#young.set(key, value);
    if (this.#young.size < this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
