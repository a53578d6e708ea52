import { FobtwinError } from '../../../shared/errors.ts';

/** So many at the same time; of the others as many again, times this, wait their turn. */
const WAITING_PER_SLOT = 16;

/** Runs work, never more than `max` pieces at once, in the order in which they came. */
export interface Slots {
  /** @throws FobtwinError `unavailable` when too many wait already */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSlots(max: number): Slots {
  const waiting: (() => void)[] = [];
  let free = max;
  return {
    async run(work) {
      if (free > 0) free -= 1;
      else await turn(waiting, max * WAITING_PER_SLOT);
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

function turn(waiting: (() => void)[], waitingMax: number): Promise<void> {
  if (waiting.length < waitingMax) return new Promise((resolve) => waiting.push(resolve));
  throw new FobtwinError('unavailable', 'Too many passwords are waiting for the directory.', {
    nextStep: 'Try again in a moment.',
  });
}
