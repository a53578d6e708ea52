import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { unwrapKey } from '../vault/keys.ts';
import { readSmallFile, systemErrorCode } from './durable-files.ts';
import { FORMAT_FILE_BYTES_MAX, type FormatFile, parseFormat } from './format.ts';
import { readMasterKey } from './master-key.ts';

/** The names inside a data directory. */
export const FORMAT_NAME = 'format.json';
export const STORE_NAME = 'store';
export const MASTER_KEY_NAME = 'master.key';

/** What the root key is wrapped for: a wrapped data key does not pass for it. */
export const ROOT_KEY_PURPOSE = 'rootKey';

/** A data directory whose master key was found to be the right one. */
export interface DataDirectory {
  /** Absolute. */
  readonly place: string;
  readonly storePlace: string;
  readonly lab: boolean;
  readonly storeId: string;
  readonly masterKey: Uint8Array;
  readonly rootKey: Uint8Array;
}

export interface MasterKeyPlace {
  /** Absolute; default `master.key` in the data directory. */
  readonly masterKeyFile?: string | undefined;
}

export const masterKeyPlace = (place: string, { masterKeyFile }: MasterKeyPlace): string =>
  masterKeyFile ?? path.join(place, MASTER_KEY_NAME);

/**
 * Reads the data directory at `place`, and changes nothing: all that can be found wrong with it
 * before the store is opened is found here.
 *
 * @param place absolute
 * @throws FobtwinError `dataDirectoryMissing`, `dataDirectoryDamaged`, `dataDirectoryNewer`,
 * `dataDirectoryUnwritable`, `fileUnreadable` or `wrongMasterKey`
 */
export async function readDataDirectory(
  place: string,
  options: MasterKeyPlace = {},
): Promise<DataDirectory> {
  const { lab, storeId, rootKey: wrapped } = await readFormat(place);
  const storePlace = path.join(place, STORE_NAME);
  // LevelDB makes an empty store where there is none, and an empty store accepts used codes.
  if (!(await exists(path.join(storePlace, 'CURRENT')))) {
    throw new FobtwinError('dataDirectoryDamaged', `${place} has lost its store`, {
      nextStep: 'Restore the data directory from a backup; nothing was changed.',
    });
  }
  const masterKey = await readMasterKey(masterKeyPlace(place, options));
  const rootKey = unwrapRootKey(masterKey, wrapped, place);
  return { place, storePlace, lab, storeId, masterKey, rootKey };
}

/**
 * @throws FobtwinError `dataDirectoryMissing`, `dataDirectoryDamaged`, `dataDirectoryNewer` or
 * `dataDirectoryUnwritable`
 */
export async function readFormat(place: string): Promise<FormatFile> {
  let text: string;
  try {
    text = await readSmallFile(path.join(place, FORMAT_NAME), FORMAT_FILE_BYTES_MAX);
  } catch (error) {
    throw await explainUnreadable(place, error);
  }
  return parseFormat(text, place);
}

function unwrapRootKey(masterKey: Uint8Array, wrapped: string, place: string): Uint8Array {
  try {
    return unwrapKey(masterKey, wrapped, ROOT_KEY_PURPOSE);
  } catch (error) {
    throw new FobtwinError('wrongMasterKey', `The master key is not the one of ${place}`, {
      nextStep: 'Name the right one with --master-key-file; nothing was changed.',
      cause: error,
    });
  }
}

async function explainUnreadable(place: string, error: unknown): Promise<FobtwinError> {
  const code = systemErrorCode(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') {
    return new FobtwinError('dataDirectoryUnwritable', `${place} cannot be read`, {
      nextStep: 'Run fobd as the user who owns the data directory.',
      cause: error,
    });
  }
  if (!(await exists(place))) {
    return new FobtwinError('dataDirectoryMissing', `There is no data directory at ${place}`, {
      nextStep: `Make one with: fobd init --data ${place}`,
    });
  }
  if (await exists(path.join(place, STORE_NAME))) {
    return new FobtwinError('dataDirectoryDamaged', `${place} has a store but no ${FORMAT_NAME}`, {
      nextStep: 'Restore the data directory from a backup; nothing was changed.',
    });
  }
  return new FobtwinError('dataDirectoryMissing', `${place} is not a data directory`, {
    nextStep: 'Choose another place with --data, or make a data directory with fobd init.',
  });
}

export async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch {
    return false;
  }
}

/** Whether others than the owner can enter the data directory: a copy made carelessly, say. */
export async function isOpenToOthers(place: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return ((await stat(place)).mode & 0o077) !== 0;
}
