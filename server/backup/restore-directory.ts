import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import {
  type DataDirectory,
  FORMAT_NAME,
  readDataDirectory,
  STORE_NAME,
  unwrapRootKey,
} from '../data-directory/data-directory.ts';
import {
  createPrivateDirectory,
  createPrivateFile,
  systemErrorCode,
} from '../data-directory/durable-files.ts';
import { formatText } from '../data-directory/format.ts';
import {
  givenMasterKeySource,
  type MasterKeyOptions,
  readMasterKey,
} from '../data-directory/master-key.ts';
import type { KeyCommandLog } from '../data-directory/master-key-command.ts';
import { upgradeStore } from '../data-directory/upgrade.ts';
import { type AnyFormatFile, parseAnyFormat } from '../data-directory/upgrade-format.ts';
import { PRIVATE_DIRECTORY } from '../store/private-modes.ts';
import { syncDirectory } from '../store/sync-directory.ts';
import { deriveKey, wipe } from '../vault/keys.ts';
import {
  BACKUP_KEY_PURPOSE,
  type BackupHeader,
  damagedBackup,
  parseHeader,
} from './backup-file.ts';
import { linesOf } from './lines.ts';
import { checkBackup, fillStore } from './restore.ts';

export interface RestoreOptions extends MasterKeyOptions {
  /** The backup, absolute. */
  readonly file: string;
  /** Where the data directory is to be, absolute: nothing, or an empty directory. */
  readonly place: string;
  readonly onKeyCommand?: KeyCommandLog | undefined;
  /** Told what is being done, a few words for people. */
  readonly onStage?: (text: string) => void;
}

/**
 * Makes a data directory of a backup at one stroke, as `init` makes one: beside its place under
 * another name, where `finish` opens and checks it, and then it is renamed. What a killed restore
 * has left is removed by the next.
 *
 * @param finish must close what it opens
 * @throws FobtwinError `backupDamaged`, `wrongMasterKey`, `dataDirectoryExists`, `fileUnreadable`,
 * `dataDirectoryUnwritable`, and what `finish` throws; nothing is left behind
 */
export async function restoreDirectory<T>(
  options: RestoreOptions,
  finish: (staged: DataDirectory, header: BackupHeader) => Promise<T>,
): Promise<T> {
  const { file, place, onStage = () => undefined } = options;
  requireMasterKey(options);
  await refuseOccupied(place);
  const header = await readHeader(file);
  const format = parseAnyFormat(JSON.stringify(header.directory), file);
  const key = await backupKeyOf(format, options);
  try {
    onStage('checking the backup');
    await checkBackup(file, key);
    return await restoreChecked(options, { header, format, key }, finish);
  } finally {
    wipe(key);
  }
}

interface Checked {
  readonly header: BackupHeader;
  readonly format: AnyFormatFile;
  readonly key: Uint8Array;
}

async function restoreChecked<T>(
  options: RestoreOptions,
  { header, format, key }: Checked,
  finish: (staged: DataDirectory, header: BackupHeader) => Promise<T>,
): Promise<T> {
  const { file, place, onStage = () => undefined } = options;
  const staging = `${place}.restore-${process.pid}`;
  try {
    await mkdir(path.dirname(place), { recursive: true, mode: PRIVATE_DIRECTORY });
    await removeLeft(place);
    await createPrivateDirectory(staging);
    const storePlace = path.join(staging, STORE_NAME);
    await createPrivateDirectory(storePlace);
    onStage('writing the store');
    await fillStore(file, key, storePlace);
    const current = await upgradeStore(storePlace, format);
    await createPrivateFile(path.join(staging, FORMAT_NAME), formatText(current));
    onStage('checking every record');
    const done = await finish(await readDataDirectory(staging, options), header);
    await syncDirectory(staging);
    await rename(staging, place);
    await syncDirectory(path.dirname(place));
    return done;
  } catch (error) {
    throw explain(place, error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function requireMasterKey(options: MasterKeyOptions): void {
  if (givenMasterKeySource(options) !== undefined) return;
  throw new FobtwinError('usage', 'A restore needs the master key, which is in no backup', {
    nextStep: 'Name it with --master-key-file, --master-key-command or FOBD_MASTER_KEY.',
  });
}

/** The header as it claims to be; its MAC is checked with the rest. */
export async function readHeader(file: string): Promise<BackupHeader> {
  try {
    for await (const line of linesOf(file)) return parseHeader(Buffer.from(line).toString('utf8'));
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    throw new FobtwinError('fileUnreadable', `The backup ${file} cannot be read`, {
      nextStep: 'Check its name and that you may read it.',
      cause: error,
    });
  }
  return parseHeader('');
}

/** What the backup's MAC is made with. */
async function backupKeyOf(format: AnyFormatFile, options: RestoreOptions): Promise<Uint8Array> {
  const source = givenMasterKeySource(options);
  if (source === undefined) throw new TypeError('the master key was asked for before');
  const masterKey = await readMasterKey(source, options);
  try {
    const rootKey = unwrapRootKey(masterKey, format, {
      place: `the backup ${options.file}`,
      source,
    });
    const key = deriveKey(rootKey, BACKUP_KEY_PURPOSE);
    wipe(rootKey);
    return key;
  } catch (error) {
    const isDamaged = error instanceof FobtwinError && error.code === 'dataDirectoryDamaged';
    throw isDamaged ? damagedBackup('its root key does not open') : error;
  } finally {
    wipe(masterKey);
  }
}

async function refuseOccupied(place: string): Promise<void> {
  const names = await readdir(place).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw explain(place, error);
  });
  if (names.length === 0) return;
  throw new FobtwinError('dataDirectoryExists', `${place} is not empty`, {
    nextStep: 'Move it away, or restore into another place with --data.',
  });
}

/** Stagings of restores whose process has ended. */
async function removeLeft(place: string): Promise<void> {
  const start = `${path.basename(place)}.restore-`;
  for (const name of await readdir(path.dirname(place))) {
    const pid = name.startsWith(start) ? name.slice(start.length) : '';
    if (!/^[1-9][0-9]*$/.test(pid) || isRunning(Number(pid))) continue;
    await rm(path.join(path.dirname(place), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

function explain(place: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (error instanceof FobtwinError || code === undefined) return error;
  if (code === 'ENOTEMPTY' || code === 'EEXIST') {
    return new FobtwinError('dataDirectoryExists', `${place} is not empty`, {
      nextStep: 'Restore into another place with --data.',
      cause: error,
    });
  }
  return new FobtwinError('dataDirectoryUnwritable', `${place} cannot be made (${code})`, {
    nextStep: 'Choose a place that this user may write to with --data, with room for the backup.',
    cause: error,
  });
}
