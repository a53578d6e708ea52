import { setTimeout as delay } from 'node:timers/promises';
import { put, replyOnly, type Store } from '../../store/port.ts';
import { auditCursorKey } from '../record.ts';
import type { Destination } from './destination.ts';
import type { Sender } from './senders.ts';

/** As much of the log as forwarding needs. Never given more than the destination and a cause. */
export interface ForwardLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface ForwarderParts {
  readonly store: Pick<Store, 'auditLog' | 'transact'>;
  readonly destination: Destination;
  readonly sender: Sender;
  readonly log: ForwardLog;
  /** The first and the longest wait after a failure; milliseconds. Default 1 s and 60 s. */
  readonly retryMillis?: readonly [first: number, most: number];
  /** What arrives within so long goes together; milliseconds. Default 200. */
  readonly gatherMillis?: number;
}

export interface Forwarder {
  /** Sends what there is once more, and ends. */
  stop(): Promise<void>;
}

/** Entries sent together: what is held in memory at most. */
const BATCH_ENTRIES = 500;
/** A stopping forwarder tries so long to send the rest: milliseconds. */
const STOP_MILLIS_MAX = 3_000;

/**
 * Forwards every entry of the log, in order, at least once: how far it has come is kept in the
 * store, after the destination has taken the entries. It reads what is durable and waits for
 * nobody, so that a decision never waits for it.
 */
export function startForwarder(parts: ForwarderParts): Forwarder {
  const { retryMillis = [1_000, 60_000], gatherMillis = 200 } = parts;
  const ending = new AbortController();
  const work = new Signal();
  const unlisten = parts.store.auditLog.onDurable(() => work.give());
  const pause = (millis: number) =>
    delay(millis, undefined, { signal: ending.signal }).catch(() => undefined);

  const run = async (): Promise<void> => {
    let waitMillis = retryMillis[0];
    let isFailing = false;
    while (!ending.signal.aborted) {
      work.clear();
      try {
        const sent = await sendAll(parts, ending.signal);
        if (isFailing && sent > 0) {
          parts.log.info({ destination: parts.destination.text }, 'audit forwarding works again');
          isFailing = false;
        }
        waitMillis = retryMillis[0];
        await work.given;
        await pause(gatherMillis);
      } catch (err) {
        if (ending.signal.aborted) return;
        parts.log.warn(
          { err, destination: parts.destination.text, retryMillis: waitMillis },
          'audit entries cannot be forwarded; they wait in the log',
        );
        isFailing = true;
        await pause(waitMillis);
        waitMillis = Math.min(2 * waitMillis, retryMillis[1]);
      }
    }
  };
  const running = run();
  return {
    async stop() {
      unlisten();
      ending.abort();
      work.give();
      // What does not get there now is sent after the next start.
      const rest = running.then(() => sendAll(parts, AbortSignal.timeout(STOP_MILLIS_MAX)));
      const givenUp = new AbortController();
      const limit = delay(STOP_MILLIS_MAX, undefined, { signal: givenUp.signal });
      await Promise.race([rest, limit]).catch(() => undefined);
      givenUp.abort();
    },
  };
}

/** @returns how many entries were taken */
async function sendAll(
  { store, destination, sender }: ForwarderParts,
  signal: AbortSignal,
): Promise<number> {
  const key = auditCursorKey(destination.id);
  const { head, base } = await store.auditLog.bounds();
  const cursor = await store.transact([key], ([record]) => replyOnly(record));
  // One beyond the end is of a log that was set back: what it has now was never forwarded.
  const known = (cursor?.sequence ?? 0) > head.sequence ? 0 : (cursor?.sequence ?? 0);
  const start = Math.max(known, base.sequence);
  let taken = start;
  let batch: string[] = [];
  const flush = async (sequence: number) => {
    await sender.send(batch);
    batch = [];
    const record = { version: 1, destination: destination.text, sequence } as const;
    await store.transact([key], () => ({
      writes: [put(key, record)],
      auditDrafts: [],
      reply: undefined,
    }));
    taken = sequence;
  };
  const range = { after: start, until: head.sequence };
  for await (const { sequence, line } of store.auditLog.lines(range)) {
    batch.push(line);
    if (batch.length < BATCH_ENTRIES) continue;
    await flush(sequence);
    if (signal.aborted) return taken - start;
  }
  if (batch.length > 0) await flush(taken + batch.length);
  return taken - start;
}

/** Something to do, or not yet: what is given while nobody waits is not lost. */
class Signal {
  #give: () => void = () => undefined;
  given: Promise<void> = Promise.resolve();

  constructor() {
    this.clear();
  }

  give(): void {
    this.#give();
  }

  clear(): void {
    this.given = new Promise((resolve) => {
      this.#give = resolve;
    });
  }
}
