import type { UnixMillis } from '../../shared/types.ts';
import type { AuditDraft, AuditHead } from '../audit/entry.ts';
import type { StoredLine } from '../audit/walk.ts';

/** Where the durable log ends, and after what it begins. */
export interface AuditBounds {
  readonly head: AuditHead;
  /** The last entry that retention removed; sequence 0 and no hash where it has removed none. */
  readonly base: AuditHead;
}

export interface AuditRange {
  /** Only entries with a greater sequence. */
  readonly after: number;
  /** Up to this one. */
  readonly until: number;
}

export interface Reindexed {
  /** Complete runs of the index: one holds 4,096 entries. */
  readonly runs: number;
  /** Of these, those whose rows were not what the log makes them. */
  readonly repaired: number;
}

/** The log itself, beside the pages that are read of it: its lines, its retention, its index. */
export interface AuditLog {
  bounds(): Promise<AuditBounds>;
  /**
   * Stored lines, exactly, in order; as many as there are. Read piecewise, so that a slow reader
   * holds on to nothing.
   *
   * @throws FobtwinError `dataDirectoryDamaged` where one is missing
   */
  lines(range: AuditRange): AsyncGenerator<StoredLine>;
  /**
   * How far a retention reaches that may remove entries up to `through`, and only such as were
   * recorded before `olderThan`. Segments are removed whole, so it may be less than was asked for.
   *
   * @returns the last entry that would be removed: the base where none would be
   */
  reach(limits: { readonly through: number; readonly olderThan?: UnixMillis }): Promise<AuditHead>;
  /**
   * Removes the entries up to `through`, one that `reach` has answered. The base moves with one
   * atomic write, together with the entry of `draft`; then rows go in slices, while everything else
   * goes on, or when the store is opened again.
   */
  retain(through: AuditHead, draft: AuditDraft): Promise<void>;
  /** Makes the rows of the index again where they are not what the log makes them. */
  reindex(): Promise<Reindexed>;
  /**
   * Calls `listener` whenever entries have become durable.
   *
   * @returns what ends that
   */
  onDurable(listener: () => void): () => void;
}
