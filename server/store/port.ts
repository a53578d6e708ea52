import type { RecordedOutcome } from '../../shared/types.ts';
import type { AuditDraft, AuditHead, AuditPage, AuditQuery, AuditVerdict } from '../audit/entry.ts';
import type { Known } from '../audit/verify.ts';
import type { AuditLog } from './audit-port.ts';

/**
 * The store: records by key, an audit log, and one way to change either.
 *
 * A kind of record is declared by the room that owns it and handed to the store when it opens. Its
 * indexes are declared there too, so that every scan is over an index and bounded.
 */

/** One kind of record. `T` is a JSON value with an integer `version`; treat it as frozen. */
export interface Kind<T> {
  /** `[a-z][a-zA-Z]*`, unique in a store. */
  readonly name: string;
  readonly indexes: readonly string[];
  /** The values under which `record` stands in `index`: none, one or several. */
  indexValues(index: string, record: T): readonly string[];
}

export interface Key<T> {
  readonly kind: Kind<T>;
  /** 1 to 200 characters, none of them a control character. */
  readonly id: string;
}

export const keyOf = <T>(kind: Kind<T>, id: string): Key<T> => ({ kind, id });

/** A record to be put (or, with `undefined`, removed) when the decision commits. */
export interface Write {
  readonly key: Key<unknown>;
  readonly record: object | undefined;
  /** Not kept in memory: nobody is about to read it. Default false. */
  readonly cold?: boolean;
}

export const put = <T extends object>(key: Key<T>, record: T): Write => ({ key, record });
/** As `put`, of one among so many records that they would push others out of memory. */
export const putCold = <T extends object>(key: Key<T>, record: T): Write => ({
  key,
  record,
  cold: true,
});
export const remove = <T extends object>(key: Key<T>): Write => ({ key, record: undefined });

export interface Decision<R> {
  readonly writes: readonly Write[];
  readonly auditDrafts: readonly AuditDraft[];
  readonly reply: R;
  /**
   * So many of the records that were read, from the first on, cost the same whether they exist and
   * whether memory held them: the time that the reply took tells neither. The disk is asked twice
   * for each. Default 0.
   */
  readonly even?: number;
}

/** A decision that changes nothing and records nothing. */
export const replyOnly = <R>(reply: R): Decision<R> => ({ writes: [], auditDrafts: [], reply });

export type RecordsOf<Keys extends readonly Key<unknown>[]> = {
  readonly [I in keyof Keys]: Keys[I] extends Key<infer T> ? T | undefined : never;
};

/** One record more, which only those before it tell of; its key is one of the decision's then. */
export type Also = <T>(key: Key<T>) => T | undefined;

/**
 * Synchronous and pure: it may run more than once (an adapter that conflicts runs it again), and
 * may write only what it has read.
 */
export type Decide<Keys extends readonly Key<unknown>[], R> = (
  records: RecordsOf<Keys>,
  also: Also,
) => Decision<R>;

export interface ScanRange {
  /** One of the kind's indexes with the value looked for; without it all records by id. */
  readonly index?: string;
  readonly value?: string;
  /** Only ids greater than this. */
  readonly after?: string;
  /** 1 to 500. */
  readonly limit: number;
}

export interface ScanPage<T> {
  readonly items: readonly T[];
  /** `after` of the next page; null when this was the last. */
  readonly next: string | null;
}

export interface Store {
  /**
   * Reads `keys`, decides, and commits what was decided as one atomic, durable write. Resolves with
   * the reply when that write and every write it rests on is durable; rejects when the decision
   * threw (nothing is written) or a flush failed (the store has then ended: see `failed`).
   *
   * @throws FobtwinError `unavailable` when the queue is full, the store is closing or has failed
   */
  transact<const Keys extends readonly Key<unknown>[], R>(
    keys: Keys,
    decide: Decide<Keys, R>,
  ): Promise<R>;
  /** Durable records in order of id; what was committed before the call is seen. */
  scan<T>(kind: Kind<T>, range: ScanRange): Promise<ScanPage<T>>;
  /**
   * Durable audit entries in order of sequence. Reads the rows that it returns, and of the index
   * one row of each run of 4,096 entries that may hold a value asked for: see audit-lookup.ts.
   */
  auditPage(query: AuditQuery): Promise<AuditPage>;
  /** @param checkpoint what the log is compared with, its signature known to be genuine */
  verifyAudit(checkpoint?: Known): Promise<AuditVerdict>;
  readonly auditLog: AuditLog;
  /** How it stands just now; costs nothing to ask. */
  state(): StoreState;
  /** All of the store as it stands when everything committed before the call is durable. */
  dump(): Promise<StoreDump>;
  /** Resolves, with the cause, when a flush has failed: the process must then end. */
  readonly failed: Promise<Error>;
  /** Flushes what is queued, then closes. */
  close(): Promise<void>;
}

/** A row of the database beneath a store: see `keys.ts`. */
export type StoreRow = readonly [key: string, value: string];

/** A whole store at one moment, for a backup: what is committed meanwhile is not in it. */
export interface StoreDump {
  /** Where the audit log ends in it. */
  readonly head: AuditHead;
  /** Every row in order of its key, so many at a time that memory stays bounded. Read it once. */
  readonly rows: AsyncIterable<readonly StoreRow[]>;
  /** Lets go of the moment; call it in the end, whether all was read or not. */
  close(): Promise<void>;
}

/** How a store stands at one moment. */
export interface StoreState {
  /** Decisions that wait to be durable. */
  readonly waiting: number;
  /** From so many on, new ones are refused. */
  readonly waitingMax: number;
  /** Sequence of the newest audit entry; 0 while there is none. */
  readonly auditSequence: number;
}

/**
 * Told of a store's work, so that it can be measured. It is called on the way of every decision:
 * what it does must be quick, and must not throw.
 */
export interface StoreObserver {
  /** An audit entry was decided. */
  recorded(action: string, outcome: RecordedOutcome | undefined): void;
  /** A group goes to the disk, and so many decisions wait for it; one at a time. */
  flushing(decisions: number): void;
  /** The group that went is durable. */
  flushed(): void;
  /** A decision was not taken, because too many wait already. */
  refused(): void;
}

/** How a store is opened, whatever the adapter. */
export interface StoreOptions {
  readonly kinds: readonly Kind<unknown>[];
  /** The writer's name in the audit log: the store's id. */
  readonly writer: string;
  /** 32 bytes, not kept in the store: seals the audit head. */
  readonly auditKey: Uint8Array;
  /**
   * Six tenths of this are the decoded records of one kind held in memory, and as many those that
   * are known to be absent. Default 400,000; 0 to 4,000,000. A token takes about 1.5 kB, an absent
   * record 0.1 kB.
   */
  readonly cachedRecords?: number;
  /** Decisions waiting to be durable before new ones are refused. Default 10,000. */
  readonly queuedDecisions?: number;
  /** Default: nobody is told. */
  readonly observer?: StoreObserver;
}
