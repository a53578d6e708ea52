import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../shared/clock.ts';
import type { UnixMillis } from '../shared/types.ts';
import type { HttpLog } from './http/dependencies.ts';
import type { ChoreObserver } from './metrics/sending.ts';

/** What a serving fobd does now and again, without being asked: it removes what is over. */
export interface Chore {
  /** For the log: what it removes. */
  readonly name: string;
  readonly everyMillis: number;
  /** By the clock that decisions are taken at. */
  run(now: UnixMillis): Promise<unknown>;
}

export interface Housekeeping {
  /** Lets what is under way come to its end. Call it before the store closes. */
  stop(): Promise<void>;
}

export interface HousekeepingOptions {
  readonly clock: Clock;
  readonly log: HttpLog;
  /** Told what came of each chore. Default: nobody is told. */
  readonly observe?: ChoreObserver | undefined;
}

/** Each chore at once and then again and again, never twice at the same time. */
export function startHousekeeping(
  chores: readonly Chore[],
  { clock, log, observe }: HousekeepingOptions,
): Housekeeping {
  const ending = new AbortController();
  const { signal } = ending;
  const repeat = async ({ name, everyMillis, run }: Chore): Promise<void> => {
    while (!signal.aborted) {
      const result = await run(clock.now()).then(
        () => 'done' as const,
        (err: unknown) => {
          log.error({ err, chore: name }, 'a chore failed; it is tried again later');
          return 'failed' as const;
        },
      );
      observe?.(name, result);
      await delay(everyMillis, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const running = chores.map(repeat);
  return {
    async stop() {
      ending.abort();
      await Promise.all(running);
    },
  };
}
