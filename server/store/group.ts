import type { Operation } from './backend.ts';
import type { Key } from './port.ts';

/** One record as a group leaves it. Its text is made when it is decided, not when it is flushed. */
export interface Change {
  readonly key: Key<unknown>;
  /** Set when the change joins it. */
  group: Group | undefined;
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
  /** A record changed twice is written once: the later change replaces the earlier. */
  readonly changes = new Set<Change>();
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
