import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { PRIVATE_FILE } from '../store/private-modes.ts';
import { syncDirectory } from '../store/sync-directory.ts';
import { systemErrorCode } from './durable-files.ts';

/**
 * Writes a new file that only its owner can read, piece by piece under another name beside its
 * place, and durably: it is in its place when all of it is there, or not at all. Never replaces
 * another. What a killed one has left the next one of the same process id removes.
 *
 * @returns its bytes
 * @throws FobtwinError `exists`, `fileUnwritable`; what `pieces` throws
 */
export async function writeNewFile(
  file: string,
  pieces: AsyncIterable<Uint8Array | string>,
): Promise<number> {
  await refuseTaken(file);
  const unfinished = `${file}.unfinished-${process.pid}`;
  try {
    await rm(unfinished, { force: true });
    const bytes = await writeUnfinished(unfinished, pieces);
    await place(unfinished, file);
    await syncDirectory(path.dirname(file));
    return bytes;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined || error instanceof FobtwinError) throw error;
    throw code === 'EEXIST' ? taken(file) : unwritable(file, code, error);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Told before anything is asked of a server that would record it. */
export async function refuseTaken(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found !== undefined) throw taken(file);
}

async function writeUnfinished(
  unfinished: string,
  pieces: AsyncIterable<Uint8Array | string>,
): Promise<number> {
  const handle = await open(unfinished, 'wx', PRIVATE_FILE);
  try {
    const bytes = await writeAll(handle, pieces);
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

async function writeAll(
  handle: FileHandle,
  pieces: AsyncIterable<Uint8Array | string>,
): Promise<number> {
  let bytes = 0;
  for await (const piece of pieces) {
    // Not `write`, which may take a part of it.
    await handle.writeFile(piece);
    bytes += Buffer.byteLength(piece);
  }
  return bytes;
}

/** Of file systems that have no second names: those of memory sticks, and some of networks. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** A second name: unlike a rename, it never takes the place of a file that has come meanwhile. */
async function place(unfinished: string, file: string): Promise<void> {
  try {
    await link(unfinished, file);
  } catch (error) {
    if (!NO_LINKS.includes(systemErrorCode(error) ?? '')) throw error;
    // The place is taken first, so that what is replaced is nobody else's.
    await (await open(file, 'wx', PRIVATE_FILE)).close();
    await rename(unfinished, file);
  }
}

const taken = (file: string): FobtwinError =>
  new FobtwinError('exists', `${file} is already there and is not overwritten`, {
    nextStep: 'Name another file, or move that one away.',
  });

const unwritable = (file: string, code: string, cause: unknown): FobtwinError =>
  new FobtwinError('fileUnwritable', `${file} cannot be written (${code})`, {
    nextStep: 'Look at the directory, its permissions and the space left.',
    cause,
  });
