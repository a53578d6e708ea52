import { emptyHead, parseSealedHead } from '../audit/chain.ts';
import type { AuditDraft, AuditHead, AuditVerdict } from '../audit/entry.ts';
import { genuine, type Known, verifyChain } from '../audit/verify.ts';
import type { StoredLine } from '../audit/walk.ts';
import type { AuditIndex } from './audit-index.ts';
import { baseOperation, linesBetween, storedLines } from './audit-log.ts';
import type { AuditBounds, AuditLog, AuditRange, Reindexed } from './audit-port.ts';
import { cutRun, lastOlder, reachOf, removals } from './audit-retention.ts';
import { repairs, watchIndex } from './audit-rows.ts';
import { runOf } from './audit-run.ts';
import type { Operation, View } from './backend.ts';
import { BASE_KEY, HEAD_KEY } from './keys.ts';
import { misuse } from './misuse.ts';

/** What the keeper has of the engine. */
export interface AuditHost {
  /** Reads what is durable, after everything committed before has become so. */
  viewing<R>(read: (view: View) => Promise<R>): Promise<R>;
  /**
   * Writes entries and rows with the group that forms. Resolves when they are durable.
   *
   * @param commit runs in the same turn, before the entries are in the index
   */
  write(
    drafts: readonly AuditDraft[],
    operations: readonly Operation[],
    commit?: () => void,
  ): Promise<void>;
}

interface KeeperParts {
  readonly host: AuditHost;
  readonly index: AuditIndex;
  readonly writer: string;
  readonly auditKey: Uint8Array;
}

/** Lines read under one view. */
const LINES_A_READ = 512;
/** A retention plans again when entries that arrived meanwhile have completed a run. */
const PLANS_MAX = 10;

/** The log's lines, its verification, its retention and its index, beside what decisions write. */
export class AuditKeeper implements AuditLog {
  readonly #parts: KeeperParts;
  readonly #listeners = new Set<() => void>();
  /** What changes rows of the log's front or index goes one after the other. */
  #maintenance: Promise<unknown> = Promise.resolve();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  verify(checkpoint?: Known): Promise<AuditVerdict> {
    const { host, writer, auditKey } = this.#parts;
    return host.viewing(async (view) => {
      const [headText, baseText] = await view.many([HEAD_KEY, BASE_KEY]);
      const base = genuine(baseText, 'base', { writer, auditKey }) ?? emptyHead(writer);
      const { lines, judge } = watchIndex(view, storedLines(view, base), base);
      return judge(await verifyChain(lines, headText, { writer, auditKey, baseText, checkpoint }));
    });
  }

  bounds(): Promise<AuditBounds> {
    const { host, index, writer } = this.#parts;
    return host.viewing(async (view) => {
      const { base } = index;
      const [text] = await view.many([HEAD_KEY]);
      const sealed = text === undefined ? undefined : parseSealedHead(text);
      if (sealed === undefined) return { head: emptyHead(writer), base };
      return { head: { writer, sequence: sealed.sequence, hash: sealed.hash }, base };
    });
  }

  async *lines({ after, until }: AuditRange): AsyncGenerator<StoredLine> {
    let next = after + 1;
    while (next <= until) {
      const last = Math.min(until, next + LINES_A_READ - 1);
      const from = next;
      const lines = await this.#parts.host.viewing(async (view) => {
        const read: StoredLine[] = [];
        for await (const line of linesBetween(view, from, last)) read.push(line);
        return read;
      });
      if (lines.length === 0) return;
      yield* lines;
      next += lines.length;
    }
  }

  reach({ through, olderThan }: Parameters<AuditLog['reach']>[0]): Promise<AuditHead> {
    const { host, index } = this.#parts;
    return host.viewing(async (view) => {
      const older = olderThan === undefined ? through : await lastOlder(view, index, olderThan);
      return reachOf(view, index.base, Math.min(through, older));
    });
  }

  retain(through: AuditHead, draft: AuditDraft): Promise<void> {
    return this.#alone(async () => {
      let plans = 1;
      while (!(await this.#moveBase(through, draft))) {
        if (plans === PLANS_MAX) throw misuse('a retention never came to its turn');
        plans += 1;
      }
      await this.#removeFront();
    });
  }

  /** @returns false where the run that the base cuts into was completed meanwhile */
  async #moveBase(base: AuditHead, draft: AuditDraft): Promise<boolean> {
    const { host, index, auditKey } = this.#parts;
    const cut = await host.viewing(async (view) => {
      const reached = await reachOf(view, index.base, base.sequence);
      if (reached.sequence !== base.sequence || reached.hash !== base.hash) {
        throw misuse('a retention reaches to where `reach` said');
      }
      return cutRun(view, base);
    });
    // What the view had not whole must still be in memory, or its rows would keep what is gone.
    if (cut === undefined && index.filling > runOf(base.sequence + 1) && !startsRun(base)) {
      return false;
    }
    const operations = [baseOperation(base, auditKey), ...(cut?.operations ?? [])];
    await host.write([draft], operations, () => {
      index.moveBase(base);
      if (cut !== undefined) index.noteMoments(cut.run, cut.moments);
    });
    return true;
  }

  #removeFront(): Promise<void> {
    const { host, index } = this.#parts;
    return host.viewing(async (view) => {
      for await (const operations of removals(view, index.base)) await host.write([], operations);
    });
  }

  reindex(): Promise<Reindexed> {
    const { host, index } = this.#parts;
    return this.#alone(() =>
      host.viewing(async (view) => {
        let runs = 0;
        let repaired = 0;
        const { base } = index;
        for await (const found of repairs(view, storedLines(view, base), base)) {
          runs += found.moments === undefined ? 0 : 1;
          repaired += found.operations.length > 0 ? 1 : 0;
          if (found.operations.length > 0) await host.write([], found.operations);
          index.noteMoments(found.run, found.moments);
        }
        return { runs, repaired };
      }),
    );
  }

  onDurable(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called by the engine when a group with entries is on disk. */
  tellDurable(): void {
    for (const listener of this.#listeners) listener();
  }

  #alone<R>(work: () => Promise<R>): Promise<R> {
    const done = this.#maintenance.then(work);
    this.#maintenance = done.catch(() => undefined);
    return done;
  }
}

/** Whether the first entry after the base is also the first of its run: then none is cut. */
const startsRun = ({ sequence }: AuditHead): boolean => runOf(sequence) !== runOf(sequence + 1);
