import type { Operation } from './backend.ts';
import { checksumAt, fitsIn, type JournalRecord, valueAt, writeRecord } from './journal-record.ts';
import { misuse } from './misuse.ts';
import type { Layer, StillLayer } from './overlaid-view.ts';
import { SortedKeys } from './sorted-keys.ts';

/**
 * What one file of the journal holds, in memory: its bytes, and by key where in them the latest
 * operation lies, and where those before it. Texts are made of it when they are asked for. Were
 * they kept as they came, every collection of the heap's youngest would have to move them.
 */
export class JournalLayer implements Layer {
  readonly #bytesMax: number;
  /** Made when the first record comes: most stores that are opened write little, if anything. */
  #memory: Buffer | undefined;
  #end = 0;
  /** By key, the place of its latest operation in the bytes. */
  readonly #latest = new Map<string, number>();
  /** By the place of an operation, that of the one before it with the same key: for views alone. */
  readonly #earlier = new Map<number, number>();
  readonly #keys = new SortedKeys();
  /** Views that read it: its bytes stay as they are, and a change leads to the one before it. */
  #views = 0;

  /** @param memory of that many bytes that nobody else reads. Default: its own, once needed */
  constructor(bytesMax: number, memory?: Buffer) {
    this.#bytesMax = bytesMax;
    this.#memory = memory;
  }

  get #bytes(): Buffer {
    this.#memory ??= Buffer.alloc(this.#bytesMax);
    return this.#memory;
  }

  /** Keys. */
  get size(): number {
    return this.#latest.size;
  }

  has(key: string): boolean {
    return this.#latest.has(key);
  }

  get(key: string): string | undefined {
    return this.#valueAt(this.#latest.get(key));
  }

  /** Each key's latest. */
  *operations(): Generator<Operation> {
    for (const [key, place] of this.#latest) yield { key, value: this.#valueAt(place) };
  }

  hasRoomFor(operations: readonly Operation[]): boolean {
    return fitsIn(this.#bytesMax - this.#end, operations);
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
    const end = writeRecord(this.#bytes, at, record, places);
    await write(this.#bytes.subarray(at, end), at);
    this.#end = end;
    for (const [index, { key }] of record.operations.entries()) {
      const place = places[index] ?? 0;
      const earlier = this.#latest.get(key);
      if (earlier === undefined) this.#keys.add(key);
      else if (this.#views > 0) this.#earlier.set(place, earlier);
      this.#latest.set(key, place);
    }
    return checksumAt(this.#bytes, at);
  }

  /** As it is now, whatever comes. Costs nothing: what came later is passed over. */
  still(): StillLayer {
    const end = this.#end;
    const keys = this.#keys.size;
    this.#views += 1;
    let isReleased = false;
    const placeOf = (key: string): number | undefined => {
      if (isReleased) throw misuse('a view is not read once it is closed');
      let place = this.#latest.get(key);
      while (place !== undefined && place >= end) place = this.#earlier.get(place);
      return place;
    };
    return {
      has: (key) => placeOf(key) !== undefined,
      get: (key) => this.#valueAt(placeOf(key)),
      sorted: () => this.#keys.first(keys),
      release: () => {
        if (!isReleased) this.#views -= 1;
        isReleased = true;
      },
    };
  }

  /** An empty layer, in the same memory where nobody reads it any more. */
  successor(): JournalLayer {
    return new JournalLayer(this.#bytesMax, this.#views > 0 ? undefined : this.#memory);
  }

  #valueAt(place: number | undefined): string | undefined {
    return place === undefined ? undefined : valueAt(this.#bytes, place);
  }
}
