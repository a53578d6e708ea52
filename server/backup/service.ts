import { FobtwinError } from '../../shared/errors.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { Store, StoreDump } from '../store/port.ts';
import { type BackupHeader, backupLines } from './backup-file.ts';
import type { BackupService } from './port.ts';

export interface BackupServiceOptions {
  readonly store: Pick<Store, 'transact' | 'dump'>;
  /** What `format.json` says now. */
  readonly readDirectory: () => Promise<BackupHeader['directory']>;
  /** Runs `work` while no key of the store and of `format.json` is exchanged. */
  readonly whileKeysStay: <T>(work: () => Promise<T>) => Promise<T>;
  /** Done before the moment of the backup: what it makes is in it. */
  readonly prepare: (caller: Caller) => Promise<unknown>;
  /** Derived from the root key for `BACKUP_KEY_PURPOSE`. 32 bytes. */
  readonly key: Uint8Array;
}

export function createBackupService({
  store,
  readDirectory,
  whileKeysStay,
  prepare,
  key,
}: BackupServiceOptions): BackupService {
  // A snapshot keeps what has been overwritten since on the disk: one at a time.
  let isUnderWay = false;

  const snapshot = async ({ now }: Caller): Promise<readonly [BackupHeader, StoreDump]> => {
    const [directory, dump] = await whileKeysStay(async () => {
      const read = await readDirectory();
      return [read, await store.dump()] as const;
    });
    return [{ madeAt: now, directory, auditHead: dump.head }, dump];
  };

  return {
    async create(caller) {
      if (isUnderWay) {
        throw new FobtwinError('notAllowedNow', 'Another backup is being made.', {
          nextStep: 'Wait until it is done.',
        });
      }
      isUnderWay = true;
      try {
        await prepare(caller);
        await store.transact([], () => ({
          writes: [],
          auditDrafts: [draftOf(caller, 'backup', {})],
          reply: undefined,
        }));
        const [header, dump] = await snapshot(caller);
        return linesAndRelease(header, dump, key, () => {
          isUnderWay = false;
        });
      } catch (error) {
        isUnderWay = false;
        throw error;
      }
    },
  };
}

/**
 * The lines once. The moment is let go of with the last of them, or when the reader leaves: also
 * one who leaves before the first, which a generator's own `finally` would not see.
 */
function linesAndRelease(
  header: BackupHeader,
  dump: StoreDump,
  key: Uint8Array,
  release: () => void,
): AsyncIterable<string> {
  const lines = backupLines(header, dump.rows, key);
  let released: Promise<void> | undefined;
  const letGo = (): Promise<void> => {
    if (released === undefined) {
      release();
      released = dump.close();
    }
    return released;
  };
  const iterator: AsyncIterator<string> = {
    async next() {
      try {
        const result = await lines.next();
        if (result.done === true) await letGo();
        return result;
      } catch (error) {
        await letGo();
        throw error;
      }
    },
    async return() {
      await lines.return(undefined);
      await letGo();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
