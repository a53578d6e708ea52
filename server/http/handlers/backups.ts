import type { BackupService } from '../../backup/port.ts';
import { type Handlers, Streamed } from './handler.ts';

export function backupHandlers({
  backups,
}: {
  readonly backups: BackupService;
}): Handlers<'createBackup'> {
  return {
    async createBackup({ caller }) {
      return new Streamed(await backups.create(caller));
    },
  };
}
