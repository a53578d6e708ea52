import type { FobtwinError } from '../../shared/errors.ts';

export interface SlotOptions {
  /** Pieces of work that run at the same time. */
  readonly atOnce: number;
  /** Of the others, how many wait their turn. */
  readonly waitingMax: number;
  /** What one more is told. */
  readonly refusal: () => FobtwinError;
}

/** Runs work, never more than `atOnce` pieces at once, in the order in which they came. */
export interface Slots {
  /** @throws FobtwinError the `refusal`, when too many wait already */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSlots({ atOnce, waitingMax, refusal }: SlotOptions): Slots {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return {
    async run(work) {
      if (free > 0) free -= 1;
      else if (waiting.length < waitingMax) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else throw refusal();
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The slot is handed on, or somebody who comes now would overtake.
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
