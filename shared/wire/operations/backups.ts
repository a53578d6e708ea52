import type { Operation } from './operation.ts';

/** Operations on backups. */
export const BACKUPS_OPERATIONS = {
  createBackup: {
    method: 'POST',
    path: '/v1/backups',
    summary: 'Everything but the master key as it stands at one moment, in one file',
    status: 200,
    streamedReply: 'application/vnd.fobtwin.backup',
  },
} as const satisfies Record<string, Operation>;
