import { FobtwinError } from '../../shared/errors.ts';
import type { Search } from '../verification/types.ts';

/**
 * Searches of resync windows, which are too long for a decision: a slice a turn of the event loop,
 * whoever searches, so that other requests come in between; and one at a time a name, so that no
 * more are begun than a budget allows.
 */
export interface Searches {
  /** Runs `search` to its end, a slice a turn. */
  run<Found>(search: Search<Found>): Promise<Found>;
  /**
   * Runs `work` once whatever came earlier under `name` is done.
   *
   * @throws FobtwinError `unavailable` when too many wait already
   */
  alone<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

/** Under way and waiting, all names together; each holds a request open. */
export const SEARCHES_MAX = 1_000;

export function createSearches(): Searches {
  const turns = createTurns();
  const last = new Map<string, Promise<unknown>>();
  let pending = 0;
  return {
    async run(search) {
      for (;;) {
        await turns.next();
        const step = search.next();
        if (step.done === true) return step.value;
      }
    },
    async alone(name, work) {
      if (pending >= SEARCHES_MAX) {
        throw new FobtwinError('unavailable', 'Too many tokens are being searched for just now.', {
          nextStep: 'Try again in a few seconds.',
        });
      }
      pending += 1;
      const mine = (last.get(name) ?? Promise.resolve()).then(work);
      const settled = mine.then(
        () => undefined,
        () => undefined,
      );
      last.set(name, settled);
      try {
        return await mine;
      } finally {
        pending -= 1;
        if (last.get(name) === settled) last.delete(name);
      }
    },
  };
}

/** One waiter a turn of the event loop, in order: two slices never run back to back. */
function createTurns(): { next(): Promise<void> } {
  const waiting: (() => void)[] = [];
  const grant = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(grant);
  };
  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) setImmediate(grant);
      }),
  };
}
