import type { Operation } from './backend.ts';
import type { Key, Kind } from './port.ts';

/** One record as a group leaves it. Its text is made when it is decided, not when it is flushed. */
export interface Change {
  readonly key: Key<unknown>;
  readonly record: object | undefined;
  /** Not to be cached. */
  readonly cold: boolean;
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
  /**
   * The latest change of each record, by kind and id. In maps of the group's own, never emptied:
   * what is deleted from a map that lives long stays reachable, for V8, from the tables that it has
   * outgrown, and all of a group with it.
   */
  readonly #changes = new Map<Kind<unknown>, Map<string, Change>>();
  /** Stamped audit entries, from `firstSequence` on without a gap. */
  readonly lines: string[] = [];
  firstSequence = 0;
  readonly auditIndex: Operation[] = [];
  /** Rows of the audit log's own: its retention and the repair of its index. */
  readonly rows: Operation[] = [];
  readonly #waiters: Waiter[] = [];

  get waiting(): number {
    return this.#waiters.length;
  }

  changeOf({ kind, id }: Key<unknown>): Change | undefined {
    return this.#changes.get(kind)?.get(id);
  }

  /** A record changed twice is written once: the later change replaces the earlier. */
  join(change: Change): void {
    const { kind, id } = change.key;
    const known = this.#changes.get(kind);
    const changes = known ?? new Map<string, Change>();
    if (known === undefined) this.#changes.set(kind, changes);
    const replaced = changes.get(id);
    changes.set(
      id,
      replaced === undefined ? change : { ...change, indexedBefore: replaced.indexedBefore },
    );
  }

  *changes(): Generator<Change, void, undefined> {
    for (const changes of this.#changes.values()) yield* changes.values();
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
