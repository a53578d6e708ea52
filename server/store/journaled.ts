import type { Backend, DatabaseBackend, Operation } from './backend.ts';
import type { JournalFile } from './journal-file.ts';
import { JournalLayer } from './journal-layer.ts';
import { JOURNAL_KEY } from './keys.ts';
import { layerOf, overlaidView } from './overlaid-view.ts';

/** The files in turn: one is written while what the other holds goes into the database. */
export type JournalFiles = readonly [JournalFile, JournalFile];

export interface JournaledParts {
  readonly database: DatabaseBackend;
  /** Empty. */
  readonly files: JournalFiles;
  /** What one of them takes. */
  readonly bytesMax: number;
  /** The last write that the database contains. */
  readonly last: LastWrite;
}

/** How a write of the journal is known: the first has number 1, and follows on zeroes. */
export interface LastWrite {
  readonly sequence: number;
  readonly checksum: number;
}

/** What the database says of the journal: the last write of it that the database contains. */
export const journalRow = ({ sequence, checksum }: LastWrite): Operation => ({
  key: JOURNAL_KEY,
  value: JSON.stringify({ sequence, checksum }),
});

/**
 * A journal in front of a database: a write is durable when the journal has it, and what was
 * written is kept in memory too, over the database, until a checkpoint puts it there. So a record
 * that changes often costs the database one change for many.
 */
export class Journaled implements Backend {
  readonly #database: DatabaseBackend;
  readonly #files: JournalFiles;
  /** Which of them is written. */
  #file: 0 | 1 = 0;
  /** That is in the journal. */
  #last: LastWrite;
  /** What the database has not: what the file holds that is written, and what the other one. */
  #filling: JournalLayer;
  #draining: JournalLayer | undefined;
  #spare: JournalLayer;
  #drained: Promise<void> = Promise.resolve();
  #failure: { readonly cause: unknown } | undefined;

  constructor({ database, files, bytesMax, last }: JournaledParts) {
    this.#database = database;
    this.#files = files;
    this.#last = last;
    this.#filling = new JournalLayer(bytesMax);
    this.#spare = new JournalLayer(bytesMax);
  }

  /**
   * Asks the database in any case: what was written lately must not be told from the rest by the
   * time that it takes to find.
   */
  getSync(key: string): string | undefined {
    const below = this.#database.getSync(key);
    const layer = layerOf(this.#layers(), key);
    return layer === undefined ? below : layer.get(key);
  }

  async write(operations: readonly Operation[]): Promise<void> {
    try {
      await this.#write(operations);
    } catch (cause) {
      this.#failure ??= { cause };
      throw cause;
    }
  }

  view() {
    const layers = this.#layers().filter(({ size }) => size > 0);
    const view = this.#database.view();
    if (layers.length === 0) return view;
    return overlaidView(
      view,
      layers.map((layer) => layer.still()),
    );
  }

  /** Afterwards the journal is empty; where a write has failed it still holds what is durable. */
  async close(): Promise<void> {
    try {
      await this.#checkpoint().catch(() => undefined);
      if (this.#failure === undefined) for (const file of this.#files) await file.empty();
    } finally {
      const closed = this.#files.map((file) => file.close());
      await Promise.all(closed).finally(() => this.#database.close());
    }
  }

  #layers(): readonly JournalLayer[] {
    return this.#draining === undefined ? [this.#filling] : [this.#filling, this.#draining];
  }

  async #write(operations: readonly Operation[]): Promise<void> {
    this.#refuseAfterFailure();
    if (operations.length === 0) return;
    if (!this.#filling.hasRoomFor(operations)) {
      if (this.#filling.size > 0) await this.#turn();
      // More than a file takes, an import say, goes past the journal.
      if (!this.#filling.hasRoomFor(operations)) return this.#writeThrough(operations);
    }
    const file = this.#files[this.#file];
    const sequence = this.#last.sequence + 1;
    const record = { sequence, previous: this.#last.checksum, operations };
    const checksum = await this.#filling.add(record, (bytes, at) => file.write(bytes, at));
    this.#last = { sequence, checksum };
  }

  async #writeThrough(operations: readonly Operation[]): Promise<void> {
    await this.#checkpoint();
    await this.#database.write(operations);
  }

  /** Everything into the database. */
  async #checkpoint(): Promise<void> {
    if (this.#filling.size > 0) await this.#turn();
    await this.#drained;
    this.#refuseAfterFailure();
  }

  /** Goes on in the other file, as soon as what it held is in the database. */
  async #turn(): Promise<void> {
    await this.#drained;
    this.#refuseAfterFailure();
    this.#file = this.#file === 0 ? 1 : 0;
    const full = this.#filling;
    this.#draining = full;
    this.#filling = this.#spare;
    this.#drained = this.#drain(full, this.#last);
  }

  /** Never rejects: where it fails, the next write does. */
  async #drain(layer: JournalLayer, last: LastWrite): Promise<void> {
    try {
      await this.#database.write(checkpoint(layer, last));
      this.#draining = undefined;
      this.#spare = layer.successor();
    } catch (cause) {
      this.#failure ??= { cause };
    }
  }

  #refuseAfterFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.cause;
  }
}

function* checkpoint(layer: JournalLayer, last: LastWrite): Generator<Operation> {
  yield* layer.operations();
  yield journalRow(last);
}
