import * as seedFiles from '../seed-files-schemas.ts';
import type { Operation } from './operation.ts';

/** The header that carries what opens or closes a seed file: see `shared/seed-files/key.ts`. */
export const SEED_FILE_KEY_HEADER = 'Fobd-Seed-File-Key';

/** Operations on seed files. */
export const SEED_FILES_OPERATIONS = {
  importSeedFile: {
    method: 'POST',
    path: '/v1/seed-files',
    summary: 'Import tokens as stocked: all of the file or nothing, unless `partial`',
    query: seedFiles.seedFileQuery,
    streamed: ['application/pskc+xml', 'text/csv', 'application/xml'],
    keyHeader: SEED_FILE_KEY_HEADER,
    status: 200,
    reply: seedFiles.seedFileReply,
  },
  exportSeedFile: {
    method: 'POST',
    path: '/v1/seed-files/export',
    summary: 'Write the seeds of tokens as a seed file; audited before the first byte',
    body: seedFiles.seedFileExportRequest,
    keyHeader: SEED_FILE_KEY_HEADER,
    status: 200,
    streamedReply: ['application/pskc+xml', 'text/csv'],
  },
} as const satisfies Record<string, Operation>;
