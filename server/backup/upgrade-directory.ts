import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { hashLine } from '../audit/chain.ts';
import type { AuditHead } from '../audit/entry.ts';
import {
  type DataDirectory,
  exists,
  FORMAT_NAME,
  readDataDirectory,
  STORE_NAME,
  unwrapRootKey,
} from '../data-directory/data-directory.ts';
import { readSmallFile } from '../data-directory/durable-files.ts';
import { FORMAT, FORMAT_FILE_BYTES_MAX } from '../data-directory/format.ts';
import { replaceFormat } from '../data-directory/format-file.ts';
import {
  type MasterKeyOptions,
  masterKeySource,
  readMasterKey,
} from '../data-directory/master-key.ts';
import type { KeyCommandLog } from '../data-directory/master-key-command.ts';
import { writeNewFile } from '../data-directory/new-file.ts';
import { upgradeStore } from '../data-directory/upgrade.ts';
import { type AnyFormatFile, parseAnyFormat } from '../data-directory/upgrade-format.ts';
import { linesBetween } from '../store/audit-log.ts';
import type { Backend } from '../store/backend.ts';
import { dumpOf } from '../store/dump.ts';
import { openLevelBackend } from '../store/level.ts';
import { deriveKey, wipe } from '../vault/keys.ts';
import { BACKUP_KEY_PURPOSE, backupLines } from './backup-file.ts';
import { labTimeIn } from './lab-time.ts';
import { checkBackup } from './restore.ts';
import { readHeader } from './restore-directory.ts';

export interface UpgradeOptions extends MasterKeyOptions {
  /** The data directory, absolute. */
  readonly place: string;
  /** The backup that is made first, absolute; default beside the data directory. */
  readonly backup?: string | undefined;
  /** By the computer's clock; a lab's own is read from its store. */
  readonly now: UnixMillis;
  readonly onKeyCommand?: KeyCommandLog | undefined;
  /** Told what is being done, a few words for people. */
  readonly onStage?: (text: string) => void;
}

export interface Upgraded {
  readonly from: number;
  readonly to: number;
  /** Absent where there was nothing to do. */
  readonly backup?: string;
}

/**
 * Brings a data directory up to this version's form: a backup of it as it is, the store, and
 * `format.json` last. Broken off anywhere it can be run again: the backup that is there by then is
 * checked and kept, and every step before `format.json` leaves the older fobd its directory.
 *
 * @param finish opens the upgraded store, checks it and must close it
 * @throws FobtwinError that says what is wrong with the data directory or its backup
 */
export async function upgradeDirectory(
  options: UpgradeOptions,
  finish: (upgraded: DataDirectory, from: number) => Promise<void>,
): Promise<Upgraded> {
  const { place, onStage = () => undefined } = options;
  const file = await readAnyFormat(place, options);
  if (file.format === FORMAT) return { from: FORMAT, to: FORMAT };
  const storePlace = path.join(place, STORE_NAME);
  const source = masterKeySource(place, options);
  const masterKey = await readMasterKey(source, options);
  const rootKey = unwrapRootKey(masterKey, file, { place, source });
  const backup = options.backup ?? `${place}.format-${file.format}.fobdbackup`;
  try {
    onStage('making a backup');
    await backUp(file, { storePlace, backup, rootKey, now: options.now });
    onStage('upgrading the store');
    const current = await upgradeStore(storePlace, file);
    onStage('checking the store');
    const { lab, storeId } = file;
    await finish({ place, storePlace, lab, storeId, masterKey, rootKey }, file.format);
    await replaceFormat(place, current);
    return { from: file.format, to: FORMAT, backup };
  } finally {
    wipe(masterKey, rootKey);
  }
}

/** Errors of a directory that is not there, newer or damaged are those of every command. */
async function readAnyFormat(place: string, options: UpgradeOptions): Promise<AnyFormatFile> {
  const text = await readSmallFile(path.join(place, FORMAT_NAME), FORMAT_FILE_BYTES_MAX).catch(
    () => undefined,
  );
  if (text !== undefined) return parseAnyFormat(text, place);
  await readDataDirectory(place, options);
  throw new FobtwinError('dataDirectoryMissing', `${place} is not a data directory`);
}

interface BackUp {
  readonly storePlace: string;
  readonly backup: string;
  readonly rootKey: Uint8Array;
  readonly now: UnixMillis;
}

/**
 * The first form with a journal. One that lies in an older directory is left by an upgrade that
 * was broken off, and the older fobd may have gone on without it.
 */
const FIRST_WITH_JOURNAL = 4;

/** A backup that an upgrade broken off has made of this very directory is kept as it is. */
async function backUp(
  file: AnyFormatFile,
  { storePlace, backup, rootKey, now }: BackUp,
): Promise<void> {
  const key = deriveKey(rootKey, BACKUP_KEY_PURPOSE);
  const forgetJournal = file.format < FIRST_WITH_JOURNAL;
  const backend = await openLevelBackend(storePlace, { createIfMissing: false, forgetJournal });
  try {
    if (await exists(backup)) {
      await requireSame(backup, file, backend);
      await checkBackup(backup, key);
      return;
    }
    const madeAt = file.lab ? await labTimeIn(backend, now) : now;
    const dump = await dumpOf(backend.view());
    try {
      const header = { madeAt, directory: { ...file }, auditHead: dump.head };
      await writeNewFile(backup, backupLines(header, dump.rows, key));
    } finally {
      await dump.close();
    }
  } finally {
    await backend.close();
    wipe(key);
  }
}

/** The same directory, in which nothing was done since but an upgrade that was broken off. */
async function requireSame(backup: string, file: AnyFormatFile, backend: Backend): Promise<void> {
  const found = await readHeader(backup).catch(() => undefined);
  const isOfThis = JSON.stringify(found?.directory) === JSON.stringify(file);
  if (found !== undefined && isOfThis && (await isUpgradedSince(found.auditHead, backend))) return;
  throw new FobtwinError('exists', `${backup} exists, and is no backup of this state`, {
    nextStep: 'Move it away, or name another file with --backup; nothing was changed.',
  });
}

async function isUpgradedSince(head: AuditHead, backend: Backend): Promise<boolean> {
  const view = backend.view();
  try {
    const all = linesBetween(view, Math.max(1, head.sequence), Number.MAX_SAFE_INTEGER);
    for await (const { sequence, line } of all) {
      if (sequence === head.sequence && hashLine(line) !== head.hash) return false;
      if (sequence > head.sequence && !line.includes(`"action":"${UPGRADE_ACTION}"`)) return false;
    }
    return true;
  } finally {
    await view.close();
  }
}

/** What the audit log calls an upgrade. */
export const UPGRADE_ACTION = 'upgrade';
