import { UNKNOWN } from './cache.ts';
import { placeOf } from './decision-keys.ts';
import type { Flushes } from './flushes.ts';
import type { Group } from './group.ts';
import type { Key } from './port.ts';
import type { Records } from './records.ts';

/** Where records are read. */
export interface Places {
  readonly records: Records;
  readonly flushes: Pick<Flushes, 'forming' | 'flushing'>;
}

/** What one decision reads. */
export class Reading {
  /** In the same order as `keys`. */
  readonly records: (object | undefined)[];
  readonly #places: Places;
  #keys: readonly Key<unknown>[];
  #added: Key<unknown>[] | undefined;
  /** Places of the records that memory did not hold. */
  #loaded: number[] | undefined;
  #restsOn: Group | undefined;

  constructor(keys: readonly Key<unknown>[], places: Places) {
    this.#places = places;
    this.#keys = keys;
    this.records = keys.map((key, place) => this.#read(key, place));
  }

  get keys(): readonly Key<unknown>[] {
    return this.#keys;
  }

  /** The latest group, not yet durable, that one of the records comes from. */
  get restsOn(): Group | undefined {
    return this.#restsOn;
  }

  /** One record more, which only those before it tell of; or one that was read already. */
  also(key: Key<unknown>): object | undefined {
    const known = placeOf(key, this.#keys, undefined);
    if (known >= 0) return this.records[known];
    const record = this.#read(key, this.records.length);
    if (this.#added === undefined) {
      this.#added = [...this.#keys, key];
      this.#keys = this.#added;
    } else {
      this.#added.push(key);
    }
    this.records.push(record);
    return record;
  }

  /**
   * Makes the first `count` records cost the same, whether they exist and whether memory held them.
   */
  even(count: number): void {
    const { records } = this.#places;
    for (const [place, key] of this.#keys.slice(0, count).entries()) {
      const exists = this.records[place] !== undefined;
      records.makeUp(key, { exists, loaded: this.#loaded?.includes(place) ?? false });
    }
  }

  #read(key: Key<unknown>, place: number): object | undefined {
    const { records, flushes } = this.#places;
    const formed = flushes.forming?.changeOf(key);
    const change = formed ?? flushes.flushing?.changeOf(key);
    if (change !== undefined) {
      if (formed !== undefined) this.#restsOn = flushes.forming;
      else this.#restsOn ??= flushes.flushing;
      return change.record;
    }
    const cached = records.cached(key);
    if (cached !== UNKNOWN) return cached;
    this.#loaded ??= [];
    this.#loaded.push(place);
    return records.load(key);
  }
}
