import type { Caller } from '../access/scopes.ts';
import { type DataDirectory, readFormat } from '../data-directory/data-directory.ts';
import type { Store } from '../store/port.ts';
import type { KeyService } from '../vault/key-service.ts';
import { deriveKey } from '../vault/keys.ts';
import { BACKUP_KEY_PURPOSE } from './backup-file.ts';
import type { BackupService } from './port.ts';
import { createBackupService } from './service.ts';

export interface OpenBackupsOptions {
  readonly store: Store;
  readonly keys: Pick<KeyService, 'unchanged'>;
  /** Makes the key of checkpoints where there is none yet: a backup without it knows no export. */
  readonly audit: { publicKey(caller: Caller): Promise<unknown> };
}

/** The backups of a data directory that is open. */
export const openBackups = (
  { place, rootKey }: Pick<DataDirectory, 'place' | 'rootKey'>,
  { store, keys, audit }: OpenBackupsOptions,
): BackupService =>
  createBackupService({
    store,
    readDirectory: async () => ({ ...(await readFormat(place)) }),
    whileKeysStay: (work) => keys.unchanged(work),
    prepare: (caller) => audit.publicKey(caller),
    key: deriveKey(rootKey, BACKUP_KEY_PURPOSE),
  });
