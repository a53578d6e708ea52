import type { Operation } from './backend.ts';
import { checksumAt, fitsIn, type JournalRecord, valueAt, writeRecord } from './journal-record.ts';
import type { Layer, StillLayer } from './overlaid-view.ts';
import { SortedKeys } from './sorted-keys.ts';

/** There is none. */
const NONE = -1;

/**
 * What one file of the journal holds, in memory: its bytes, and by key where in them the latest
 * operation lies, and where those before it. Texts are made of it when they are asked for. Were
 * they kept as they came, every collection of the heap's youngest would have to move them.
 */
export class JournalLayer implements Layer {
  readonly #bytes: Buffer;
  #end = 0;
  /** Of each operation its place in the bytes; they are numbered as they came. */
  readonly #places: number[] = [];
  /** Of each operation the one before it with the same key. */
  readonly #earlier: number[] = [];
  /** By key. */
  readonly #latest = new Map<string, number>();
  readonly #keys = new SortedKeys();
  /** A view reads it: its bytes stay as they are. */
  #isShared = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Keys. */
  get size(): number {
    return this.#latest.size;
  }

  has(key: string): boolean {
    return this.#latest.has(key);
  }

  get(key: string): string | undefined {
    return this.#valueOf(this.#latest.get(key) ?? NONE);
  }

  /** Each key's latest. */
  *operations(): Generator<Operation> {
    for (const [key, number] of this.#latest) yield { key, value: this.#valueOf(number) };
  }

  hasRoomFor(operations: readonly Operation[]): boolean {
    return fitsIn(this.#bytes.length - this.#end, operations);
  }

  /**
   * Adds a record that it has room for.
   *
   * @param write makes the bytes durable, which go to `at` in the file; only then are they found
   * @returns the record's checksum
   */
  async add(
    record: JournalRecord,
    write: (bytes: Buffer, at: number) => Promise<void>,
  ): Promise<number> {
    const at = this.#end;
    const places: number[] = [];
    this.#end = writeRecord(this.#bytes, at, record, places);
    await write(this.#bytes.subarray(at, this.#end), at);
    for (const [index, { key }] of record.operations.entries()) {
      const earlier = this.#latest.get(key);
      if (earlier === undefined) this.#keys.add(key);
      this.#latest.set(key, this.#places.length);
      this.#places.push(places[index] ?? 0);
      this.#earlier.push(earlier ?? NONE);
    }
    return checksumAt(this.#bytes, at);
  }

  /** As it is now, whatever comes. Costs nothing: what came later is passed over. */
  still(): StillLayer {
    this.#isShared = true;
    const count = this.#places.length;
    const keys = this.#keys.size;
    const numberOf = (key: string): number => {
      let number = this.#latest.get(key) ?? NONE;
      while (number >= count) number = this.#earlier[number] ?? NONE;
      return number;
    };
    return {
      has: (key) => numberOf(key) !== NONE,
      get: (key) => this.#valueOf(numberOf(key)),
      sorted: () => this.#keys.first(keys),
    };
  }

  /** An empty layer, in the same memory where nobody reads it any more. */
  successor(): JournalLayer {
    return new JournalLayer(this.#isShared ? Buffer.alloc(this.#bytes.length) : this.#bytes);
  }

  #valueOf(number: number): string | undefined {
    const place = this.#places[number];
    return place === undefined ? undefined : valueAt(this.#bytes, place);
  }
}
