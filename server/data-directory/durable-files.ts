import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PRIVATE_DIRECTORY, PRIVATE_FILE } from '../store/private-modes.ts';
import { syncDirectory } from '../store/sync-directory.ts';

/** Makes `file`, which must not exist, for its owner alone; on disk when it resolves. */
export async function createPrivateFile(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', PRIVATE_FILE);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes `directory`, which must not exist, for its owner alone. */
export async function createPrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { mode: PRIVATE_DIRECTORY });
}

/** Beside a file that is being replaced; one that is left was never finished. */
const unfinished = (file: string): string => `${file}.new`;

/** Puts `text` in the place of what `file` holds: all or nothing, on disk when it resolves. */
export async function replacePrivateFile(file: string, text: string): Promise<void> {
  await removeUnfinished(file);
  try {
    await createPrivateFile(unfinished(file), text);
    await rename(unfinished(file), file);
  } catch (error) {
    await removeUnfinished(file);
    throw error;
  }
  await syncDirectory(path.dirname(file));
}

/** Removes what a killed `replacePrivateFile` left. */
export const removeUnfinished = (file: string): Promise<void> =>
  rm(unfinished(file), { force: true });

/**
 * The text of a file that ought to be small; what lies beyond `bytesMax` is not read, so that a
 * caller's parser refuses it.
 */
export async function readSmallFile(file: string, bytesMax: number): Promise<string> {
  return Buffer.from(await readSmallBytes(file, bytesMax)).toString('utf8');
}

/** Likewise the bytes, in a buffer that nothing else shares. */
export async function readSmallBytes(file: string, bytesMax: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytesMax), 0, bytesMax, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The code of a system error (`ENOENT`), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
