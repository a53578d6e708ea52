import type {
  AccountId,
  ApplicationId,
  RecordedOutcome,
  Serial,
  UnixMillis,
} from '../../shared/types.ts';
import type { AuditFault } from '../../shared/wire/audit-schemas.ts';

/** What a decision wants recorded. No seed, code, password or key, ever. */
export interface AuditDraft {
  readonly at: UnixMillis;
  /** Who asked: `application:ID`, `localOwner`, `system`. */
  readonly actor: string;
  /** What was asked, a verb: `verify`, `register`, `resync`, `unlock`, `import`, … */
  readonly action: string;
  readonly outcome?: RecordedOutcome;
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
 * The head as stored, and likewise the base, the last entry that retention removed: with a MAC
 * under a key that is not in the store, so that a cut tail or a rewritten chain is found. A
 * rollback of the whole store is found only against a checkpoint kept elsewhere.
 */
export interface SealedAuditHead extends AuditHead {
  /** HMAC-SHA-256 over the canonical JSON of what is sealed, lower-case hexadecimal. */
  readonly mac: string;
}

interface Verified {
  /** How many entries were found sound, from the base on. */
  readonly entries: number;
  readonly head: AuditHead | null;
  /** The last entry that retention removed; absent where the log begins with its first. */
  readonly base?: AuditHead;
  /** What came of the checkpoint that was given: `beforeBase` could not be compared any more. */
  readonly checkpoint?: 'matched' | 'beforeBase';
}

export type AuditVerdict =
  | (Verified & { readonly sound: true })
  | (Verified & {
      readonly sound: false;
      readonly fault: AuditFault;
      readonly faultAt: number;
    });

export interface AuditQuery {
  /** Only entries with a greater sequence. */
  readonly after: number;
  /** 1 to 500. */
  readonly limit: number;
  readonly serial?: Serial;
  readonly account?: AccountId;
  readonly application?: ApplicationId;
  /** Only entries of this moment or later. */
  readonly from?: UnixMillis;
  /** Only entries before this moment. */
  readonly to?: UnixMillis;
}

export interface AuditPage {
  /** Where time is asked for there may be fewer than the limit, though more follow. */
  readonly items: readonly AuditEntry[];
  /** `after` of the next page; null when this was the last. */
  readonly next: number | null;
}
