import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { keyFingerprint, ROOT_KEY_PURPOSE, unwrapKey, wipe } from '../vault/keys.ts';
import { readSmallFile, systemErrorCode } from './durable-files.ts';
import { FORMAT_FILE_BYTES_MAX, type FormatFile, parseFormat } from './format.ts';
import {
  describeMasterKeySource,
  type MasterKeyOptions,
  type MasterKeySource,
  masterKeySource,
  readMasterKey,
} from './master-key.ts';
import type { KeyCommandLog } from './master-key-command.ts';

/** The names inside a data directory. */
export const FORMAT_NAME = 'format.json';
export const STORE_NAME = 'store';

/** A data directory whose master key was found to be the right one. */
export interface DataDirectory {
  /** Absolute. */
  readonly place: string;
  readonly storePlace: string;
  readonly lab: boolean;
  readonly storeId: string;
  /** Wiped by whoever opens the vault with it. */
  readonly masterKey: Uint8Array;
  /**
   * Made once for a data directory. It encrypts nothing: the keys of the audit log, of keyed hashes
   * and of decoy seeds are derived from it, each for its own purpose (`deriveKey`).
   */
  readonly rootKey: Uint8Array;
}

export interface ReadOptions extends MasterKeyOptions {
  /** Told what the command for the master key writes to standard error. */
  readonly onKeyCommand?: KeyCommandLog | undefined;
}

/**
 * Reads the data directory at `place`, and changes nothing: all that can be found wrong with it
 * before the store is opened is found here.
 *
 * @param place absolute
 * @throws FobtwinError `dataDirectoryMissing`, `dataDirectoryDamaged`, `dataDirectoryNewer`,
 * `dataDirectoryUnwritable`, `fileUnreadable`, `masterKeyUnavailable` or `wrongMasterKey`
 */
export async function readDataDirectory(
  place: string,
  options: ReadOptions = {},
): Promise<DataDirectory> {
  const format = await readFormat(place);
  const { lab, storeId } = format;
  const storePlace = path.join(place, STORE_NAME);
  // LevelDB makes an empty store where there is none, and an empty store accepts used codes.
  if (!(await exists(path.join(storePlace, 'CURRENT')))) {
    throw new FobtwinError('dataDirectoryDamaged', `${place} has lost its store`, {
      nextStep: 'Restore the data directory from a backup; nothing was changed.',
    });
  }
  const source = masterKeySource(place, options);
  const masterKey = await readMasterKey(source, options);
  const rootKey = unwrapRootKey(masterKey, format, { place, source });
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

interface Place {
  /** What the root key belongs to, for the error's text. */
  readonly place: string;
  readonly source: MasterKeySource;
}

/**
 * The root key, by its fingerprint first. Wipes the master key unless it is the right one.
 *
 * @throws FobtwinError `wrongMasterKey` or `dataDirectoryDamaged`
 */
export function unwrapRootKey(
  masterKey: Uint8Array,
  { rootKey, masterKey: wanted }: Pick<FormatFile, 'rootKey' | 'masterKey'>,
  at: Place,
): Uint8Array {
  const given = keyFingerprint(masterKey);
  if (wanted !== undefined && wanted !== given) {
    wipe(masterKey);
    throw wrongMasterKey(given, wanted, at);
  }
  try {
    return unwrapKey(masterKey, rootKey, ROOT_KEY_PURPOSE);
  } catch (error) {
    wipe(masterKey);
    if (wanted === undefined) throw wrongMasterKey(given, wanted, at, error);
    throw new FobtwinError('dataDirectoryDamaged', `The root key in ${at.place} does not open`, {
      nextStep: `Master key ${given} is the right one: restore format.json from a backup.`,
      cause: error,
    });
  }
}

function wrongMasterKey(
  given: string,
  wanted: string | undefined,
  { place, source }: Place,
  cause?: unknown,
): FobtwinError {
  const needs = wanted === undefined ? '' : `, which needs key ${wanted}`;
  const from = describeMasterKeySource(source);
  const verb = source.kind === 'command' ? 'gives' : 'holds';
  return new FobtwinError(
    'wrongMasterKey',
    `The master key is not the one of ${place}${needs}: ${from} ${verb} key ${given}`,
    {
      nextStep:
        'Give the right one with --master-key-file, --master-key-command or FOBD_MASTER_KEY; ' +
        'nothing was changed.',
      cause,
    },
  );
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
