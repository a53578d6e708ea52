import type { AccountId, ApplicationId, Outcome, Serial, UnixMillis } from '../../shared/types.ts';

/** What a decision wants recorded. No seed, code, password or key, ever. */
export interface AuditDraft {
  readonly at: UnixMillis;
  /** Who asked: `application:ID`, `localOwner`, `system`. */
  readonly actor: string;
  /** What was asked, a verb: `verify`, `register`, `resync`, `unlock`, `import`, … */
  readonly action: string;
  readonly outcome?: Outcome;
  readonly serial?: Serial;
  readonly account?: AccountId;
  readonly application?: ApplicationId;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** A draft stamped by the store as its batch forms. */
export interface AuditEntry extends AuditDraft {
  /** The store that wrote it. */
  readonly writer: string;
  /** 1, 2, 3 … for each writer, without a gap. */
  readonly sequence: number;
  /** SHA-256 of the entry before, lower-case hexadecimal; 64 zeros for the first. */
  readonly previousHash: string;
}

/** Where a chain ends. */
export interface AuditHead {
  readonly writer: string;
  readonly sequence: number;
  readonly hash: string;
}

/**
 * The head as stored: with a MAC under a key that is not in the store, so that a cut tail or a
 * rewritten chain is found. A rollback of the whole store is found only against a checkpoint kept
 * elsewhere.
 */
export interface SealedAuditHead extends AuditHead {
  /** HMAC-SHA-256 over the canonical JSON of the head, lower-case hexadecimal. */
  readonly mac: string;
}

export type AuditVerdict =
  | { readonly sound: true; readonly entries: number; readonly head: AuditHead | null }
  | {
      readonly sound: false;
      readonly entries: number;
      readonly head: AuditHead | null;
      readonly fault: 'changed' | 'removed' | 'tailCut' | 'headForged' | 'unreadable';
      readonly faultAt: number;
    };

export interface AuditQuery {
  /** Only entries with a greater sequence. */
  readonly after: number;
  /** 1 to 500. */
  readonly limit: number;
  readonly serial?: Serial;
  readonly account?: AccountId;
}

export interface AuditPage {
  readonly items: readonly AuditEntry[];
  /** `after` of the next page; null when this was the last. */
  readonly next: number | null;
}
