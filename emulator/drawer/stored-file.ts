import fs from 'node:fs';
import { type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import { isSystemError } from './lock.ts';

/** Files on a disk: read within limits, written so that a power cut takes nothing back. */

/** A named pipe would keep its opener waiting for a writer. Windows has neither. */
const READ_WITHOUT_WAITING = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0);

/**
 * One read gives one whole revision, since a file is never changed in place.
 *
 * @param damage makes the error of what is no plain file, or too long
 * @returns `undefined` when there is no such file
 */
export function readBounded(
  file: string,
  bytesMax: number,
  damage: (code: FieldErrorCode) => FobtwinError,
): string | undefined {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, READ_WITHOUT_WAITING);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw fileUnreadable(file, error);
  }
  try {
    const found = fs.fstatSync(descriptor);
    // Pipes and devices have no size to be held to, and may never end.
    if (!found.isFile()) throw damage('wrongType');
    if (found.size > bytesMax) throw damage('tooLong');
    return fs.readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw error instanceof FobtwinError ? error : fileUnreadable(file, error);
  } finally {
    fs.closeSync(descriptor);
  }
}

export function writeDurably(file: string, text: string): void {
  const descriptor = fs.openSync(file, 'w', 0o600);
  try {
    fs.writeFileSync(descriptor, text);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Makes renames durable, where directories can be flushed (Windows has no such thing). */
export function syncDirectory(directory: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(directory, 'r');
    fs.fsyncSync(descriptor);
  } catch (error) {
    if (!isSystemError(error, 'EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'EBADF')) throw error;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

function fileUnreadable(file: string, cause: unknown): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('fileUnreadable', `The file ${file} cannot be read${why}`, {
    cause,
    nextStep: 'Look at its permissions.',
  });
}
