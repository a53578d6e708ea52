import { setTimeout as delay } from 'node:timers/promises';

/** What waits to be delivered, whatever it is. */
export interface Deliveries {
  /** For the log. */
  readonly name: string;
  /** At the same time. */
  readonly concurrency: number;
  /** Ids of what is due, a page of what waits; `next` is the `after` of the following page. */
  due(after: string | undefined): Promise<{
    readonly ids: readonly string[];
    readonly next: string | null;
  }>;
  /** One attempt, recorded; what is not due, or not there, is left alone. */
  attempt(id: string): Promise<void>;
}

export interface QueueLog {
  error(details: object, message: string): void;
}

export interface DeliveryQueue {
  /** This one has come, and is due. Costs nothing where it is known already. */
  nudge(id: string): void;
  /** Begins no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** Waiting in memory; the others are found in the store when these are done. */
const WAITING_MAX = 1_000;
const SWEEP_MILLIS_MIN = 1_000;
/** However many wait for a far moment, looking through them takes a small part of the time. */
const SWEEP_MILLIS_A_PAGE = 100;

/**
 * Delivers what is due: at once what it is told of, and what it finds in the store when it looks
 * through it, again and again. What it knows itself is lost without harm.
 */
export function startDeliveryQueue(
  deliveries: Deliveries,
  { log }: { readonly log: QueueLog },
): DeliveryQueue {
  const ending = new AbortController();
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();

  const run = async (id: string): Promise<void> => {
    try {
      await deliveries.attempt(id);
    } catch (err) {
      if (!ending.signal.aborted) log.error({ err, queue: deliveries.name }, 'a delivery failed');
    } finally {
      running.delete(id);
      fill();
    }
  };
  const fill = (): void => {
    for (const id of waiting) {
      if (ending.signal.aborted || running.size >= deliveries.concurrency) return;
      if (running.has(id)) continue;
      waiting.delete(id);
      running.set(id, run(id));
    }
  };
  const nudge = (id: string): void => {
    if (ending.signal.aborted || waiting.size >= WAITING_MAX) return;
    waiting.add(id);
    // What is being decided just now is there in the next turn.
    setImmediate(fill);
  };
  /** How many pages it has looked through. */
  const sweep = async (): Promise<number> => {
    let after: string | undefined;
    let pages = 0;
    do {
      pages += 1;
      const { ids, next } = await deliveries.due(after);
      for (const id of ids) nudge(id);
      fill();
      while (waiting.size > 0 && running.size > 0 && !ending.signal.aborted) {
        await Promise.race(running.values());
      }
      after = next ?? undefined;
    } while (after !== undefined && !ending.signal.aborted);
    return pages;
  };
  const sweeping = (async () => {
    while (!ending.signal.aborted) {
      const pages = await sweep().catch((err: unknown) => {
        if (!ending.signal.aborted) {
          log.error({ err, queue: deliveries.name }, 'the queue could not be read');
        }
        return 0;
      });
      const pause = Math.max(SWEEP_MILLIS_MIN, pages * SWEEP_MILLIS_A_PAGE);
      await delay(pause, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    nudge,
    async stop() {
      ending.abort();
      await sweeping;
      await Promise.all(running.values());
    },
  };
}
