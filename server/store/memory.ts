import { MemoryLevel } from 'memory-level';
import { createLevelBackend, type LevelDatabase } from './backend.ts';
import { openStore } from './open.ts';
import type { Store, StoreOptions } from './port.ts';

/** What a store in memory holds; it outlives the store, as a directory does. */
export type MemoryData = LevelDatabase;

export const createMemoryData = (): MemoryData => new MemoryLevel<string, string>();

export interface MemoryStoreOptions extends StoreOptions {
  /** Default new and empty. One store at a time. */
  readonly data?: MemoryData;
}

/** A store of one process: for tests, and wherever nothing is to be kept. */
export async function openMemoryStore({
  data = createMemoryData(),
  ...options
}: MemoryStoreOptions): Promise<Store> {
  await data.open();
  return openStore(createLevelBackend(data), options);
}
