import type { Clock } from '../../shared/clock.ts';
import { FobtwinError } from '../../shared/errors.ts';
import {
  type Key,
  keyOf,
  put,
  remove,
  replyOnly,
  type ScanPage,
  type Store,
} from '../store/port.ts';
import type { RotationRecord, SealedRecords } from './port.ts';
import { dataKeyKey, ROTATION_KEY } from './record.ts';
import { countSeeds } from './seed-counts.ts';
import type { KeyedVault } from './vault.ts';

/** Seeds opened, sealed anew and committed together: about a millisecond of the event loop. */
export const SLICE_SEEDS = 50;
/** The second pass finds what an import committed behind the first; a third finds nothing. */
const PASSES_MAX = 10;

export interface RotationParts<T extends object> {
  readonly store: Store;
  readonly vault: KeyedVault;
  readonly records: SealedRecords<T>;
  readonly clock: Clock;
  /** Runs `act` while nothing else changes the data keys. */
  exclusively<R>(act: () => Promise<R>): Promise<R>;
}

/** What one pass over all records came to. */
interface Pass {
  readonly resealed: number;
  readonly unreadable: number;
  /** The data keys that seeds are still sealed with, the current one apart. */
  readonly stillUsed: ReadonlySet<string>;
}

/**
 * Seals every seed with the current data key, in slices, while everything else goes on; then
 * removes the data keys that no seed is sealed with any more.
 *
 * Each slice is one decision over the records as they are then, so that it overwrites no change
 * made meanwhile. The record of the rotation is written with the slice: after a kill the next run
 * goes on where the last durable slice ended. A data key is removed only after a whole pass that
 * found no seed sealed with it, begun when all who held the keys at the beginning had let go.
 */
export class Rotation<T extends object> {
  readonly #parts: RotationParts<T>;
  #stopping = false;
  #remaining: number | undefined;
  #tellStop: () => void = () => undefined;
  readonly #stopped: Promise<void>;

  constructor(parts: RotationParts<T>) {
    this.#parts = parts;
    this.#stopped = new Promise((resolve) => {
      this.#tellStop = resolve;
    });
  }

  /** Seeds that are not sealed with the current data key yet; undefined until they are counted. */
  get remaining(): number | undefined {
    return this.#remaining;
  }

  /** Ends `run` after the slice that is under way. */
  stop(): void {
    this.#stopping = true;
    this.#tellStop();
  }

  /**
   * Resolves when the rotation is done or was stopped.
   *
   * @param after where the last run ended
   * @throws FobtwinError `internal` when seeds keep coming that are sealed with another data key;
   * what the store throws
   */
  async run(after: string | undefined): Promise<void> {
    const released = this.#parts.vault.released();
    await this.#count();
    for (let passes = 0; passes < PASSES_MAX && !this.#stopping; passes += 1) {
      if (passes > 0) await Promise.race([released, this.#stopped]);
      const pass = await this.#pass(passes === 0 ? after : undefined);
      if (this.#stopping) return;
      if (passes > 0 && pass.resealed === 0) return this.#finish(pass);
    }
    if (!this.#stopping) {
      throw new FobtwinError('internal', 'An internal error occurred.', {
        detail: `vault: after ${PASSES_MAX} passes seeds are still sealed with an old data key`,
      });
    }
  }

  async #count(): Promise<void> {
    const { store, records, vault } = this.#parts;
    const counts = await countSeeds(store, records, { isStopping: () => this.#stopping });
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    this.#remaining = all - (counts.get(vault.currentDataKey) ?? 0);
  }

  async #pass(from = ''): Promise<Pass> {
    const { store, records } = this.#parts;
    const stillUsed = new Set<string>();
    let [resealed, unreadable] = [0, 0];
    let after: string | null = from;
    while (after !== null && !this.#stopping) {
      const page: ScanPage<T> = await store.scan(records.kind, { after, limit: SLICE_SEEDS });
      const slice = await this.#reseal(page.items, page.next ?? undefined);
      resealed += slice.resealed;
      // What an import commits meanwhile was not counted.
      this.#remaining = Math.max(0, (this.#remaining ?? 0) - slice.resealed);
      unreadable += slice.unreadable.length;
      for (const dataKey of slice.unreadable) stillUsed.add(dataKey);
      after = page.next;
    }
    return { resealed, unreadable, stillUsed };
  }

  /**
   * @param last the id that the next slice goes on after; undefined when this is the last
   * @returns how many were sealed anew, and the data keys of those that do not open
   */
  async #reseal(
    items: readonly T[],
    last: string | undefined,
  ): Promise<{ readonly resealed: number; readonly unreadable: readonly string[] }> {
    const { store, vault, records } = this.#parts;
    const old = items.filter((item) => this.#isOld(item));
    if (old.length === 0) return { resealed: 0, unreadable: [] };
    const keys = old.map((item): Key<T> => keyOf(records.kind, records.idOf(item)));
    return store.transact([ROTATION_KEY, ...keys], ([rotation, ...found]) => {
      const unreadable: string[] = [];
      const writes = (found as readonly (T | undefined)[]).flatMap((record, place) => {
        const key = keys[place];
        if (record === undefined || key === undefined || !this.#isOld(record)) return [];
        const context = records.contextOf(record);
        const seed = openOr(vault, records.sealedSeedOf(record), context);
        if (seed === undefined) {
          unreadable.push(records.sealedSeedOf(record).dataKey);
          return [];
        }
        const sealed = vault.seal(seed, context);
        seed.fill(0);
        return [put(key, records.withSealedSeed(record, sealed))];
      });
      const resealed = writes.length;
      if (rotation === undefined || resealed === 0) return replyOnly({ resealed, unreadable });
      const { after: _passed, ...rest } = rotation;
      const moved: RotationRecord = {
        ...rest,
        ...(last === undefined ? {} : { after: last }),
        resealed: rotation.resealed + resealed,
      };
      return {
        writes: [put(ROTATION_KEY, moved), ...writes],
        auditDrafts: [],
        reply: { resealed, unreadable },
      };
    });
  }

  readonly #isOld = (record: T): boolean =>
    this.#parts.records.sealedSeedOf(record).dataKey !== this.#parts.vault.currentDataKey;

  #finish({ unreadable, stillUsed }: Pass): Promise<void> {
    const { store, vault, clock, exclusively } = this.#parts;
    return exclusively(async () => {
      const removed = [...vault.dataKeys].filter(
        (id) => id !== vault.currentDataKey && !stillUsed.has(id),
      );
      const keys = removed.map(dataKeyKey);
      const now = clock.now();
      await store.transact([ROTATION_KEY, ...keys], ([rotation]) => {
        if (rotation === undefined) return replyOnly(undefined);
        const { after: _passed, ...rest } = rotation;
        const done: RotationRecord = { ...rest, state: 'done', finishedAt: now, unreadable };
        const { dataKey, resealed } = done;
        const details = {
          dataKey,
          state: 'done',
          resealed,
          unreadable,
          removed: removed.join(' '),
        };
        return {
          writes: [put(ROTATION_KEY, done), ...keys.map(remove)],
          auditDrafts: [{ at: now, actor: 'system', action: 'rotateKeys', details }],
          reply: undefined,
        };
      });
      for (const id of removed) vault.drop(id);
    });
  }
}

/** The seed, or undefined when it does not open. */
function openOr(vault: KeyedVault, ...sealed: Parameters<KeyedVault['open']>) {
  try {
    return vault.open(...sealed);
  } catch (error) {
    if (error instanceof FobtwinError && error.code === 'internal') return undefined;
    throw error;
  }
}
