import fs from 'node:fs';
import path from 'node:path';
import type { Serial } from '../../shared/types.ts';
import { attemptOfFileName, lockName } from './file-names.ts';
import { hasDied, isSystemError, type LockEnv } from './lock.ts';

/**
 * Clears away what killed processes left: everything of a revision that is past, and the draft of a
 * dead holder, which nobody will ever rename. A lock of the present revision stays: the next writer
 * passes it.
 *
 * @param names the directory's, `revisions` as they were read after those
 */
export function sweep(
  directory: string,
  names: readonly string[],
  revisions: ReadonlyMap<Serial, number>,
  env: LockEnv,
): void {
  for (const name of names) {
    const turn = attemptOfFileName(name);
    if (turn === undefined) continue;
    const past = turn.revision < (revisions.get(turn.serial) ?? 0);
    const abandoned = name.endsWith('.tmp') && hasDied(path.join(directory, lockName(turn)), env);
    if (past || abandoned) removeIfAllowed(path.join(directory, name));
  }
}

/** In a drawer that may only be read there is nothing to tidy. */
function removeIfAllowed(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'EBUSY')) throw error;
  }
}
