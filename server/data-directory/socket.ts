import { createHash } from 'node:crypto';
import { lstat, mkdtemp, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { createPrivateFile, readSmallFile } from './durable-files.ts';

/**
 * Where the owner's socket is, for `place`, the path of a data directory. A socket's path may have
 * no more than 104 (macOS) or 108 (Linux) bytes; where the data directory's would be longer, the
 * socket stands in a private directory of the runtime directory, and a file of the data directory
 * says where. Paths are made real first, so that every way to a data directory finds its socket.
 */
const SOCKET_NAME = 'fobd.sock';
const POINTER_NAME = 'fobd.sock.place';
const SOCKET_PATH_BYTES_MAX = 100;
const POINTER_BYTES_MAX = 4096;

const fits = (file: string): boolean => Buffer.byteLength(file) <= SOCKET_PATH_BYTES_MAX;

/** Windows knows no socket files; its named pipes vanish with their process. */
function pipeOf(place: string): string {
  const name = createHash('sha256').update(place).digest('hex').slice(0, 32);
  return `\\\\.\\pipe\\fobd-${name}`;
}

/** Where a serving fobd listens for its owner, or undefined when no place was ever written down. */
export async function findSocket(place: string): Promise<string | undefined> {
  const real = await realpath(place);
  if (process.platform === 'win32') return pipeOf(real);
  const inside = path.join(real, SOCKET_NAME);
  return fits(inside) ? inside : readPointer(real);
}

/**
 * Makes room for the socket of a fobd that is about to serve, and removes what a killed one left.
 * Call it only while holding the store's lock.
 *
 * @param runtimeDirectory used where the data directory's path is too long
 */
export async function claimSocket(place: string, runtimeDirectory: string): Promise<string> {
  await releaseSocket(place);
  const real = await realpath(place);
  if (process.platform === 'win32') return pipeOf(real);
  const inside = path.join(real, SOCKET_NAME);
  if (fits(inside)) return inside;
  const outside = await privateSocket(runtimeDirectory);
  const pointer: Pointer = { socket: outside, of: real };
  await createPrivateFile(path.join(real, POINTER_NAME), `${JSON.stringify(pointer)}\n`);
  return outside;
}

/** Removes the socket, and its directory and pointer where it stands outside. */
export async function releaseSocket(place: string): Promise<void> {
  if (process.platform === 'win32') return;
  const real = await realpath(place);
  const outside = await readPointer(real);
  if (outside !== undefined) await removePrivateSocket(outside);
  await rm(path.join(real, POINTER_NAME), { force: true });
  await removeSocket(path.join(real, SOCKET_NAME));
}

/** A socket's path in a new directory that only the owner can enter; never used before. */
export async function privateSocket(runtimeDirectory: string): Promise<string> {
  if (process.platform === 'win32')
    return pipeOf(await mkdtemp(path.join(runtimeDirectory, 'fobd-')));
  return path.join(await mkdtemp(path.join(runtimeDirectory, 'fobd-')), SOCKET_NAME);
}

export async function removePrivateSocket(socket: string): Promise<void> {
  const directory = path.dirname(socket);
  // The pointer is a file like any other: what it names is removed only if it looks like ours.
  if (path.basename(socket) !== SOCKET_NAME) return;
  if (!/^fobd-[A-Za-z0-9]{6}$/.test(path.basename(directory))) return;
  await rm(socket, { force: true });
  await rmdir(directory).catch(() => undefined);
}

async function removeSocket(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isSocket() === true) await rm(file, { force: true });
}

/** A copied data directory must not lead to the original's socket: the pointer says whose it is. */
const pointerSchema = z.strictObject({ socket: z.string(), of: z.string() });
type Pointer = z.infer<typeof pointerSchema>;

async function readPointer(real: string): Promise<string | undefined> {
  try {
    const text = await readSmallFile(path.join(real, POINTER_NAME), POINTER_BYTES_MAX);
    const pointer = pointerSchema.parse(JSON.parse(text));
    return pointer.of === real ? pointer.socket : undefined;
  } catch {
    // No pointer, or not one of ours: the same as never written.
    return undefined;
  }
}
