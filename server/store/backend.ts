import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AbstractLevel } from 'abstract-level';
import { FobtwinError } from '../../shared/errors.ts';

/**
 * What the engine needs of an ordered key-value database: text to text, keys in order of their
 * UTF-8 bytes. The adapters differ in what stands behind this, and in nothing else.
 */

/** `value` undefined removes the key. */
export interface Operation {
  readonly key: string;
  readonly value: string | undefined;
}

/** Exactly the keys greater than `above` (or from `from` on) and less than `below`. */
export interface KeyRange {
  readonly above?: string;
  readonly from?: string;
  readonly below: string;
  readonly limit: number;
  /** From the greatest down. */
  readonly reverse?: boolean;
}

export type Row = readonly [key: string, value: string];

/** The database as it stood at one moment. */
export interface View {
  many(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  range(range: KeyRange): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export interface Backend {
  /** What the last finished write left. */
  getSync(key: string): string | undefined;
  /** Atomic; durable when it resolves. The engine has one in flight at a time. */
  write(operations: readonly Operation[]): Promise<void>;
  view(): View;
  /** Ends views that are still open. */
  close(): Promise<void>;
}

/** One that can do with operations as they are made. */
export interface DatabaseBackend extends Backend {
  write(operations: Iterable<Operation>): Promise<void>;
}

/** The databases of the level family, with text on both sides. */
export type LevelDatabase = AbstractLevel<string | Buffer | Uint8Array, string, string>;

export interface LevelBackendOptions {
  /** Handed to each write: `{sync: true}` where that asks for a flush. Default none. */
  readonly writeOptions?: object;
}

/** Put into a batch before other work gets its turn: a millisecond or two. */
const OPERATIONS_A_TURN = 1024;

export function createLevelBackend(
  database: LevelDatabase,
  { writeOptions = {} }: LevelBackendOptions = {},
): DatabaseBackend {
  return {
    getSync(key) {
      try {
        return database.getSync(key);
      } catch (cause) {
        throw readError(cause);
      }
    },
    async write(operations) {
      // A chained batch costs the processor markedly less here than an array of operations.
      const batch = database.batch();
      let put = 0;
      for (const { key, value } of operations) {
        if (put % OPERATIONS_A_TURN === OPERATIONS_A_TURN - 1) await nextTurn();
        put += 1;
        if (value === undefined) batch.del(key);
        else batch.put(key, value);
      }
      await batch.write(writeOptions);
    },
    view() {
      const snapshot = database.snapshot();
      return {
        many: (keys) => database.getMany([...keys], { snapshot }).catch(rethrow),
        range({ above, from, below, limit, reverse = false }) {
          const lower = above === undefined ? { gte: from ?? '' } : { gt: above };
          return database
            .iterator({ ...lower, lt: below, limit, reverse, snapshot })
            .all()
            .catch(rethrow);
        },
        close: () => snapshot.close(),
      };
    },
    close: () => database.close(),
  };
}

function rethrow(cause: unknown): never {
  throw readError(cause);
}

/** A database that was closed under a reader, or one that cannot be read. */
function readError(cause: unknown): FobtwinError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const closed = code.endsWith('_NOT_OPEN');
  return new FobtwinError(
    closed ? 'unavailable' : 'dataDirectoryDamaged',
    closed ? 'The store is closing.' : 'The store in the data directory cannot be read.',
    { detail: cause instanceof Error ? cause.message : String(cause), cause },
  );
}
