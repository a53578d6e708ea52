import type { Operation } from './backend.ts';
import { fitsIn, type JournalRecord, valueAt, writeRecord } from './journal-record.ts';
import type { Layer } from './overlaid-view.ts';

/**
 * What one file of the journal holds, in memory: its bytes, and by key where in them the latest
 * operation lies. Texts are made of it when they are asked for. Were they kept as they came, every
 * collection of the heap's youngest would have to move them.
 */
export class JournalLayer implements Layer {
  readonly #bytes: Buffer;
  readonly #places: Map<string, number>;
  #end = 0;
  /** A view reads it: it stays as it is. */
  #isShared = false;

  constructor(bytes: Buffer, places = new Map<string, number>()) {
    this.#bytes = bytes;
    this.#places = places;
  }

  /** Keys. */
  get size(): number {
    return this.#places.size;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  get(key: string): string | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : valueAt(this.#bytes, place);
  }

  keys(): Iterable<string> {
    return this.#places.keys();
  }

  /** Each key's latest. */
  *operations(): Generator<Operation> {
    for (const [key, place] of this.#places) yield { key, value: valueAt(this.#bytes, place) };
  }

  hasRoomFor(operations: readonly Operation[]): boolean {
    return fitsIn(this.#bytes.length - this.#end, operations);
  }

  /**
   * Adds a record that it has room for.
   *
   * @param write makes the bytes durable, which go to `at` in the file; only then are they found
   */
  async add(
    record: JournalRecord,
    write: (bytes: Buffer, at: number) => Promise<void>,
  ): Promise<void> {
    const at = this.#end;
    const places: number[] = [];
    this.#end = writeRecord(this.#bytes, at, record, places);
    await write(this.#bytes.subarray(at, this.#end), at);
    for (const [index, { key }] of record.operations.entries()) {
      this.#places.set(key, places[index] ?? 0);
    }
  }

  /** As it is now, whatever comes. */
  still(): JournalLayer {
    this.#isShared = true;
    return new JournalLayer(this.#bytes, new Map(this.#places));
  }

  /** An empty layer, in the same memory where nobody reads it any more. */
  successor(): JournalLayer {
    return new JournalLayer(this.#isShared ? Buffer.alloc(this.#bytes.length) : this.#bytes);
  }
}
