import { FobtwinError } from '../../shared/errors.ts';
import type { AuditDraft, AuditHead, AuditPage, AuditQuery, AuditVerdict } from '../audit/entry.ts';
import type { Known } from '../audit/verify.ts';
import type { AuditIndex } from './audit-index.ts';
import { AuditKeeper } from './audit-keeper.ts';
import { appendTo, auditOperations, type Stamped, stampAll } from './audit-log.ts';
import { auditPage } from './audit-pages.ts';
import type { Backend, Operation, View } from './backend.ts';
import { placeOf, placesByKey, SEARCHED_KEYS } from './decision-keys.ts';
import { dumpOf } from './dump.ts';
import { type Change, Group } from './group.ts';
import { misuse } from './misuse.ts';
import type {
  Decide,
  Decision,
  Key,
  Kind,
  RecordsOf,
  ScanPage,
  ScanRange,
  Store,
  StoreDump,
  StoreObserver,
  StoreState,
  Write,
} from './port.ts';
import type { Records } from './records.ts';

export interface EngineParts {
  readonly backend: Backend;
  readonly records: Records;
  /** Where the log ends on disk. */
  readonly head: AuditHead;
  readonly auditIndex: AuditIndex;
  readonly auditKey: Uint8Array;
  readonly queuedDecisions: number;
  /** Why nothing may be written from the start: `failed` tells it at once. */
  readonly damage: FobtwinError | undefined;
  readonly observer: StoreObserver | undefined;
}

/** Turns of the event loop that a group may gather for; few, so that the disk is not kept idle. */
const TURNS_BEFORE_FLUSH = 4;

/** What a decision read. */
interface Reading {
  readonly records: readonly (object | undefined)[];
  /** The latest group, not yet durable, that one of the records comes from. */
  readonly restsOn: Group | undefined;
}

/**
 * The store's one engine; the adapters differ in their backend alone.
 *
 * A decision runs to its end in one turn, over what every decision before it left, so it needs no
 * lock. What it decides joins the group that forms; one group at a time is flushed, and what is
 * decided meanwhile is the next group. A reply leaves when its group is durable. A decision that
 * wrote nothing rests only on the groups that wrote what it read.
 */
export class Engine implements Store {
  readonly failed: Promise<Error>;
  readonly auditLog: AuditKeeper;
  readonly #parts: EngineParts;
  /** The head with everything decided so far. */
  #head: AuditHead;
  #forming: Group | undefined;
  #flushing: Group | undefined;
  #failure: FobtwinError | undefined;
  #tellFailure: (cause: Error) => void = () => undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#head = parts.head;
    this.auditLog = new AuditKeeper({
      host: {
        viewing: (read) => this.#viewing(read),
        write: (drafts, operations, commit) => this.#write(drafts, operations, commit),
      },
      index: parts.auditIndex,
      writer: parts.head.writer,
      auditKey: parts.auditKey,
    });
    this.failed = new Promise((resolve) => {
      this.#tellFailure = resolve;
    });
    if (parts.damage !== undefined) this.#fail(parts.damage, parts.damage);
  }

  transact<const Keys extends readonly Key<unknown>[], R>(
    keys: Keys,
    decide: Decide<Keys, R>,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#refuseWhereUnable();
      const reading = this.#read(keys);
      try {
        const decision = decide(reading.records as unknown as RecordsOf<Keys>);
        const group = this.#commit(keys, reading, decision);
        if (group === undefined) resolve(decision.reply);
        else group.wait(resolve, reject, decision.reply);
      } catch (error) {
        // A refusal is a reply too: "it exists" must not leave before what exists is durable.
        if (reading.restsOn === undefined) throw error;
        reading.restsOn.wait(() => reject(error), reject, undefined);
      }
    });
  }

  scan<T>(kind: Kind<T>, range: ScanRange): Promise<ScanPage<T>> {
    return this.#viewing((view) => this.#parts.records.page(view, kind, range));
  }

  auditPage(query: AuditQuery): Promise<AuditPage> {
    return this.#viewing((view) => auditPage(view, this.#parts.auditIndex, query));
  }

  verifyAudit(checkpoint?: Known): Promise<AuditVerdict> {
    return this.auditLog.verify(checkpoint);
  }

  async dump(): Promise<StoreDump> {
    if (this.#closed !== undefined) throw unavailable('The store is closing.');
    await this.#settled();
    const view = this.#parts.backend.view();
    try {
      return await dumpOf(view);
    } catch (error) {
      await view.close();
      throw error;
    }
  }

  state(): StoreState {
    return {
      waiting: this.#waiting(),
      waitingMax: this.#parts.queuedDecisions,
      auditSequence: this.#head.sequence,
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#settled().then(() => this.#parts.backend.close());
    return this.#closed;
  }

  #refuseWhereUnable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed !== undefined) throw unavailable('The store is closing.');
    if (this.#waiting() >= this.#parts.queuedDecisions) {
      this.#parts.observer?.refused();
      throw unavailable('Too much is waiting to be written.', { nextStep: 'Try again shortly.' });
    }
  }

  #waiting(): number {
    return (this.#forming?.waiting ?? 0) + (this.#flushing?.waiting ?? 0);
  }

  #read(keys: readonly Key<unknown>[]): Reading {
    const records: (object | undefined)[] = [];
    let restsOn: Group | undefined;
    for (const key of keys) {
      // The group that forms is later than the one that is being flushed, and durable after it.
      const formed = this.#forming?.changeOf(key);
      const change = formed ?? this.#flushing?.changeOf(key);
      if (change === undefined) {
        records.push(this.#parts.records.durable(key));
        continue;
      }
      records.push(change.record);
      if (formed !== undefined) restsOn = this.#forming;
      else restsOn ??= this.#flushing;
    }
    return { records, restsOn };
  }

  /**
   * Everything that can throw comes first; from then on all of the decision is in the group.
   *
   * @returns what the reply must wait for
   */
  #commit(
    keys: readonly Key<unknown>[],
    reading: Reading,
    { writes, auditDrafts }: Decision<unknown>,
  ): Group | undefined {
    if (writes.length === 0 && auditDrafts.length === 0) return reading.restsOn;
    const changes = this.#changes(keys, reading, writes);
    const stamped = stampAll(auditDrafts, this.#head);
    const group = this.#join();
    for (const change of changes) group.join(change);
    this.#append(group, stamped, auditDrafts);
    return group;
  }

  #append(group: Group, stamped: Stamped, drafts: readonly AuditDraft[]): void {
    if (drafts.length === 0) return;
    const first = this.#head.sequence + 1;
    appendTo(group, stamped.lines, drafts, { first, index: this.#parts.auditIndex });
    this.#head = stamped.head;
    const { observer } = this.#parts;
    if (observer === undefined) return;
    for (const { action, outcome } of drafts) observer.recorded(action, outcome);
  }

  /** Rows of the log's own, and entries, with the group that forms. */
  #write(
    drafts: readonly AuditDraft[],
    operations: readonly Operation[],
    commit: () => void = () => undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#refuseWhereUnable();
      const stamped = stampAll(drafts, this.#head);
      const group = this.#join();
      group.rows.push(...operations);
      commit();
      this.#append(group, stamped, drafts);
      group.wait(resolve, reject, undefined);
    });
  }

  /** In the order of the writes, each told from what the decision read. */
  #changes(
    keys: readonly Key<unknown>[],
    { records }: Reading,
    writes: readonly Write[],
  ): readonly Change[] {
    const places = keys.length > SEARCHED_KEYS ? placesByKey(keys) : undefined;
    return writes.map((write) => {
      const place = placeOf(write.key, keys, places);
      if (place < 0) {
        throw misuse(`${write.key.kind.name} ${write.key.id} is not among the decision's keys`);
      }
      return this.#parts.records.change(write, records[place]);
    });
  }

  /** The group that forms; the first to join starts its way to the disk. */
  #join(): Group {
    if (this.#forming === undefined) {
      this.#forming = new Group();
      if (this.#flushing === undefined) this.#startFlush(this.#forming);
    }
    return this.#forming;
  }

  /**
   * When the requests that have already arrived have had their turn, and those that came meanwhile
   * theirs: they share the flush, which costs about the same for one and for all. A turn that
   * brings none ends the wait. Who begins a group is not counted yet, so that it has two turns at
   * least: who was answered together asks again together.
   */
  #startFlush(group: Group, turns = TURNS_BEFORE_FLUSH): void {
    const { waiting } = group;
    setImmediate(() => {
      if (turns > 1 && group.waiting > waiting) this.#startFlush(group, turns - 1);
      else void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const group = this.#forming;
    if (group === undefined) return;
    this.#forming = undefined;
    this.#flushing = group;
    this.#parts.observer?.flushing(group.waiting);
    try {
      await this.#parts.backend.write(this.#operations(group));
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#fail(cause, unavailable('The store can no longer write.', { cause }));
      return;
    }
    this.#parts.observer?.flushed();
    this.#parts.records.settle(group);
    this.#parts.auditIndex.settle(group.firstSequence + group.lines.length - 1);
    if (group.lines.length > 0) this.auditLog.tellDurable();
    this.#flushing = undefined;
    group.resolveAll();
    if (this.#forming !== undefined) this.#startFlush(this.#forming);
  }

  #operations(group: Group): readonly Operation[] {
    const operations: Operation[] = [];
    this.#parts.records.operations(group, operations);
    auditOperations(group, this.#head, this.#parts.auditKey, operations);
    operations.push(...group.rows);
    return operations;
  }

  /** Never tried again: nobody knows what of a failed flush is on the disk. */
  #fail(cause: Error, failure: FobtwinError): void {
    this.#failure = failure;
    const groups = [this.#flushing, this.#forming];
    this.#flushing = undefined;
    this.#forming = undefined;
    for (const group of groups) group?.rejectAll(failure);
    this.#tellFailure(cause);
  }

  /** When everything decided before is durable, or has failed. */
  #settled(): Promise<void> {
    const group = this.#forming ?? this.#flushing;
    if (group === undefined) return Promise.resolve();
    return new Promise((resolve) => group.wait(resolve, () => resolve(), undefined));
  }

  async #viewing<R>(read: (view: View) => Promise<R>): Promise<R> {
    if (this.#closed !== undefined) throw unavailable('The store is closing.');
    await this.#settled();
    const view = this.#parts.backend.view();
    try {
      return await read(view);
    } finally {
      await view.close();
    }
  }
}

function unavailable(
  message: string,
  options: { readonly nextStep?: string; readonly cause?: Error } = {},
): FobtwinError {
  return new FobtwinError('unavailable', message, options);
}
