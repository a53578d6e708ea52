import { readdir, readFile } from 'node:fs/promises';
import { FobtwinError } from '../../shared/errors.ts';

/**
 * Every connection is a file descriptor, and the store needs some to go on. So fobd holds no more
 * connections than leave it enough: whoever comes too many is turned away, and nobody who was let
 * in is answered 500 for want of a descriptor.
 */

/** Connections at a time, however many files may be open. */
export const CONNECTIONS_MAX = 10_000;
/** On the owner's socket: his commands, one connection each. */
export const OWNER_CONNECTIONS_MAX = 16;
/** For the store, its compaction, the owner's commands, and whatever opens a file for a moment. */
const KEPT_BACK = 40;
/** LevelDB keeps at most a fifth of the descriptors for its tables (`util/env_posix.cc`). */
const SHARE_OF_STORE = 0.2;
/** Fewer than so many connections are no service. */
const CONNECTIONS_MIN = 4;

export interface OpenFiles {
  /** How many this process may have open. */
  readonly limit: number;
  /** How many it has open now. */
  readonly open: number;
}

/** Undefined where the system does not say (it is not Linux). */
export async function openFiles(): Promise<OpenFiles | undefined> {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8');
    const limit = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
    if (limit === undefined) return undefined;
    const open = (await readdir('/proc/self/fd')).length;
    return { limit: limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit), open };
  } catch {
    return undefined;
  }
}

/** How many connections leave enough descriptors; see above. */
export function connectionsFor(files: OpenFiles | undefined): number {
  if (files === undefined || files.limit === Number.POSITIVE_INFINITY) return CONNECTIONS_MAX;
  const left = files.limit - files.open - KEPT_BACK - files.limit * SHARE_OF_STORE;
  return Math.max(0, Math.min(CONNECTIONS_MAX, Math.floor(left)));
}

/** @throws FobtwinError `unavailable` where there are too few descriptors to serve anybody */
export function connectionLimit(files: OpenFiles | undefined): number {
  const connections = connectionsFor(files);
  if (connections >= CONNECTIONS_MIN) return connections;
  throw new FobtwinError(
    'unavailable',
    `This process may open ${files?.limit} files, which leaves none for connections`,
    { nextStep: 'Allow it more: LimitNOFILE=65536 in a systemd unit, or ulimit -n 1024.' },
  );
}
