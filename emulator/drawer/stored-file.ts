import fs from 'node:fs';
import { FobtwinError } from '../../shared/errors.ts';
import type { Serial } from '../../shared/types.ts';
import { DEVICE_FILE_BYTES_MAX, type DeviceFile, damaged, parseDeviceFile } from './device-file.ts';
import { isSystemError } from './lock.ts';

/** Device files on a disk: read within limits, written so that a power cut takes nothing back. */

/**
 * One read gives one whole revision, since a file is never changed in place.
 *
 * @returns `undefined` when there is no such file
 */
export function readDevice(file: string, serial: Serial): DeviceFile | undefined {
  const text = readBounded(file);
  if (text === undefined) return undefined;
  const read = parseDeviceFile(text, file);
  if (read.device.serial !== serial) throw damaged(file, '/serial', 'notAllowed');
  return read;
}

/** A named pipe would keep its opener waiting for a writer. Windows has neither. */
const READ_WITHOUT_WAITING = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0);

function readBounded(file: string): string | undefined {
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
    if (!found.isFile()) throw damaged(file, '', 'wrongType');
    if (found.size > DEVICE_FILE_BYTES_MAX) throw damaged(file, '', 'tooLong');
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
  return new FobtwinError('fileUnreadable', `The device's file ${file} cannot be read${why}`, {
    cause,
    nextStep: 'Look at its permissions.',
  });
}
