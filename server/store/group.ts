import type { Operation } from './backend.ts';
import type { Key, Kind } from './port.ts';

/** One record as a group leaves it. Its text is made when it is decided, not when it is flushed. */
export interface Change {
  readonly key: Key<unknown>;
  readonly record: object | undefined;
  readonly text: string | undefined;
  /** Index entries before the group, and after this change. */
  readonly indexedBefore: readonly string[];
  readonly indexed: readonly string[];
}

interface Waiter {
  readonly resolve: (reply: never) => void;
  readonly reject: (error: Error) => void;
  readonly reply: unknown;
}

/** What is committed together: one atomic write, one flush. */
export class Group {
  /** A record changed twice is written once. */
  readonly #changes = new Map<Kind<unknown>, Map<string, Change>>();
  /** Stamped audit entries, from `firstSequence` on without a gap. */
  readonly lines: string[] = [];
  firstSequence = 0;
  readonly auditIndex: Operation[] = [];
  readonly #waiters: Waiter[] = [];

  get changes(): Iterable<Change> {
    return [...this.#changes.values()].flatMap((byId) => [...byId.values()]);
  }

  changeOf({ kind, id }: Key<unknown>): Change | undefined {
    return this.#changes.get(kind)?.get(id);
  }

  change(change: Change): void {
    const { kind, id } = change.key;
    const byId = this.#changes.get(kind);
    if (byId === undefined) {
      this.#changes.set(kind, new Map([[id, change]]));
      return;
    }
    const earlier = byId.get(id);
    byId.set(
      id,
      earlier === undefined ? change : { ...change, indexedBefore: earlier.indexedBefore },
    );
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** `resolve` is called with `reply` when the group is durable. */
  wait<R>(resolve: (reply: R) => void, reject: (error: Error) => void, reply: R): void {
    this.#waiters.push({ resolve, reject, reply });
  }

  resolveAll(): void {
    for (const { resolve, reply } of this.#waiters) resolve(reply as never);
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.#waiters) reject(error);
  }
}
