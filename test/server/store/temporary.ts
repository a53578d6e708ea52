import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Temporary {
  readonly directory: string;
  remove(): Promise<void>;
}

/** A directory of its own, to be removed again. */
export async function makeTemporary(): Promise<Temporary> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-store-'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
