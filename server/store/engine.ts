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
import { Flushes, unavailable } from './flushes.ts';
import type { Change, Group } from './group.ts';
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
import { type Places, Reading } from './reading.ts';
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

/**
 * Of what a decision read that ends in `notFound`, so many are read evenly: another's may be there
 * all the same, and the time must not tell.
 */
const EVEN_REFUSED = 8;

const isNotFound = (error: unknown): boolean =>
  error instanceof FobtwinError && error.code === 'notFound';

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
  readonly #flushes: Flushes;
  /** Where decisions read. */
  readonly #places: Places;
  /** The head with everything decided so far. */
  #head: AuditHead;
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
    this.#flushes = new Flushes({
      write: (group) => parts.backend.write(this.#operations(group)),
      settle: (group) => this.#settle(group),
      damage: parts.damage,
      observer: parts.observer,
    });
    this.failed = this.#flushes.failed;
    this.#places = { records: parts.records, flushes: this.#flushes };
  }

  transact<const Keys extends readonly Key<unknown>[], R>(
    keys: Keys,
    decide: Decide<Keys, R>,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#refuseWhereUnable();
      const reading = new Reading(keys, this.#places);
      const also = <T>(key: Key<T>) => reading.also(key) as T | undefined;
      try {
        const decision = decide(reading.records as unknown as RecordsOf<Keys>, also);
        if (decision.even !== undefined) reading.even(decision.even);
        const group = this.#commit(reading, decision);
        if (group === undefined) resolve(decision.reply);
        else group.wait(resolve, reject, decision.reply);
      } catch (error) {
        if (isNotFound(error)) reading.even(EVEN_REFUSED);
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
    await this.#flushes.settled();
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
      waiting: this.#flushes.waiting,
      waitingMax: this.#parts.queuedDecisions,
      auditSequence: this.#head.sequence,
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#flushes.settled().then(() => this.#parts.backend.close());
    return this.#closed;
  }

  #refuseWhereUnable(): void {
    const { failure, waiting } = this.#flushes;
    if (failure !== undefined) throw failure;
    if (this.#closed !== undefined) throw unavailable('The store is closing.');
    if (waiting >= this.#parts.queuedDecisions) {
      this.#parts.observer?.refused();
      throw unavailable('Too much is waiting to be written.', { nextStep: 'Try again shortly.' });
    }
  }

  /**
   * Everything that can throw comes first; from then on all of the decision is in the group.
   *
   * @returns what the reply must wait for
   */
  #commit(reading: Reading, { writes, auditDrafts }: Decision<unknown>): Group | undefined {
    if (writes.length === 0 && auditDrafts.length === 0) return reading.restsOn;
    const changes = this.#changes(reading, writes);
    const stamped = stampAll(auditDrafts, this.#head);
    const group = this.#flushes.join();
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
      const group = this.#flushes.join();
      group.rows.push(...operations);
      commit();
      this.#append(group, stamped, drafts);
      group.wait(resolve, reject, undefined);
    });
  }

  /** In the order of the writes, each told from what the decision read. */
  #changes({ keys, records }: Reading, writes: readonly Write[]): readonly Change[] {
    const places = keys.length > SEARCHED_KEYS ? placesByKey(keys) : undefined;
    return writes.map((write) => {
      const place = placeOf(write.key, keys, places);
      if (place < 0) {
        throw misuse(`${write.key.kind.name} ${write.key.id} is not among the decision's keys`);
      }
      return this.#parts.records.change(write, records[place]);
    });
  }

  #operations(group: Group): readonly Operation[] {
    const operations: Operation[] = [];
    this.#parts.records.operations(group, operations);
    auditOperations(group, this.#head, this.#parts.auditKey, operations);
    operations.push(...group.rows);
    return operations;
  }

  /** What is durable now. */
  #settle(group: Group): void {
    this.#parts.records.settle(group);
    this.#parts.auditIndex.settle(group.firstSequence + group.lines.length - 1);
    if (group.lines.length > 0) this.auditLog.tellDurable();
  }

  async #viewing<R>(read: (view: View) => Promise<R>): Promise<R> {
    if (this.#closed !== undefined) throw unavailable('The store is closing.');
    await this.#flushes.settled();
    const view = this.#parts.backend.view();
    try {
      return await read(view);
    } finally {
      await view.close();
    }
  }
}
