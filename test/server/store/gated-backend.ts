import { type Backend, createLevelBackend, type Operation } from '../../../server/store/backend.ts';
import { createMemoryData } from '../../../server/store/memory.ts';

/** A backend in memory whose writes end when the test says so, and how it says. */
export interface GatedBackend extends Backend {
  /** Operations of the writes so far, the one in flight included. */
  readonly writes: readonly (readonly Operation[])[];
  /** Resolves when write number `count` (from 1) has begun. */
  begun(count: number): Promise<void>;
  /** Ends the write in flight, well or not. */
  finish(error?: Error): void;
}

export async function createGatedBackend(): Promise<GatedBackend> {
  const data = createMemoryData();
  await data.open();
  const inner = createLevelBackend(data);
  const writes: (readonly Operation[])[] = [];
  const watchers: { readonly count: number; readonly tell: () => void }[] = [];
  let gate: { readonly open: () => void; readonly refuse: (error: Error) => void } | undefined;
  return {
    ...inner,
    writes,
    async write(operations) {
      if (gate !== undefined) throw new Error('two writes in flight');
      writes.push(operations);
      const opened = new Promise<void>((open, refuse) => {
        gate = { open, refuse };
      });
      for (const { count, tell } of watchers) if (writes.length >= count) tell();
      await opened;
      await inner.write(operations);
    },
    begun: (count) =>
      new Promise((tell) => {
        if (writes.length >= count) tell();
        else watchers.push({ count, tell });
      }),
    finish(error) {
      const ending = gate;
      gate = undefined;
      if (error === undefined) ending?.open();
      else ending?.refuse(error);
    },
  };
}
