import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { PRIVATE_DIRECTORY } from '../store/private-modes.ts';
import { syncDirectory } from '../store/sync-directory.ts';
import { keyFingerprint, ROOT_KEY_PURPOSE, wipe, wrapKey } from '../vault/keys.ts';
import { type DataDirectory, exists, FORMAT_NAME, STORE_NAME } from './data-directory.ts';
import { createPrivateDirectory, createPrivateFile, systemErrorCode } from './durable-files.ts';
import { FORMAT, type FormatFile, formatText } from './format.ts';
import {
  createMasterKey,
  type MasterKeyOptions,
  masterKeySource,
  readMasterKey,
} from './master-key.ts';
import type { KeyCommandLog } from './master-key-command.ts';

export interface CreateOptions extends MasterKeyOptions {
  readonly lab: boolean;
  readonly rng: Rng;
  /** Told what the command for the master key writes to standard error. */
  readonly onKeyCommand?: KeyCommandLog | undefined;
}

const ROOT_KEY_BYTES = 32;
const STORE_ID_BYTES = 8;

/**
 * Makes a data directory at `place` at one stroke: it is made beside the place under another name,
 * `fill` puts the first records into its store, and then it is renamed. A master key is made too,
 * unless one is given: by a file that exists, by a command or by the environment.
 *
 * @param place absolute; nothing may stand there but an empty directory
 * @param fill gets the directory while it still has the other name; must close what it opens
 * @throws FobtwinError `dataDirectoryExists` or `dataDirectoryUnwritable`, and what `fill` throws
 */
export async function createDataDirectory<T>(
  place: string,
  { lab, rng, ...keyOptions }: CreateOptions,
  fill: (staged: DataDirectory) => Promise<T>,
): Promise<T> {
  await refuseOccupied(place);
  const storeId = hex(rng.bytes(STORE_ID_BYTES));
  const staging = `${place}.init-${storeId}`;
  const madeKeys: string[] = [];
  try {
    await mkdir(path.dirname(place), { recursive: true, mode: PRIVATE_DIRECTORY });
    await createPrivateDirectory(staging);
    const source = masterKeySource(staging, keyOptions);
    const isMade = source.kind === 'file' && !(await exists(source.file));
    const masterKey = isMade
      ? await createMasterKey(source.file, rng)
      : await readMasterKey(source, keyOptions);
    if (isMade) madeKeys.push(source.file);

    const rootKey = rng.bytes(ROOT_KEY_BYTES);
    const storePlace = path.join(staging, STORE_NAME);
    await createPrivateDirectory(storePlace);
    const filled = await fill({ place: staging, storePlace, lab, storeId, masterKey, rootKey });
    const wrapped = wrapKey(masterKey, rootKey, ROOT_KEY_PURPOSE, rng);
    const fingerprint = keyFingerprint(masterKey);
    const file: FormatFile = {
      format: FORMAT,
      lab,
      storeId,
      rootKey: wrapped,
      masterKey: fingerprint,
    };
    wipe(masterKey, rootKey);
    await createPrivateFile(path.join(staging, FORMAT_NAME), formatText(file));
    await syncDirectory(staging);
    await rename(staging, place);
    await syncDirectory(path.dirname(place));
    return filled;
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    for (const keyFile of madeKeys) await rm(keyFile, { force: true });
    throw explain(place, error);
  }
}

async function refuseOccupied(place: string): Promise<void> {
  const names = await namesIn(place);
  if (names.length === 0) return;
  const isOurs = names.includes(FORMAT_NAME);
  throw new FobtwinError(
    'dataDirectoryExists',
    isOurs ? `There is a data directory at ${place} already` : `${place} is not empty`,
    {
      nextStep: isOurs
        ? `Use it as it is (fobd serve --data ${place}), or choose another place with --data.`
        : 'Choose another place with --data.',
    },
  );
}

async function namesIn(place: string): Promise<string[]> {
  try {
    return await readdir(place);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw explain(place, error);
  }
}

function explain(place: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  // A FobtwinError has a code too, but it has explained itself already.
  if (error instanceof FobtwinError || code === undefined) return error;
  if (code === 'ENOTEMPTY' || code === 'EEXIST') {
    return new FobtwinError('dataDirectoryExists', `${place} is not empty`, {
      nextStep: 'Choose another place with --data.',
      cause: error,
    });
  }
  return new FobtwinError('dataDirectoryUnwritable', `${place} cannot be made (${code})`, {
    nextStep:
      code === 'EBUSY' || code === 'EXDEV'
        ? 'It is a mount point: choose a directory inside it with --data.'
        : 'Choose a place that this user may write to with --data.',
    cause: error,
  });
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
