import * as schemas from '../schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on seed files. */
export const SEED_FILES_OPERATIONS = {
  importSeedFile: {
    method: 'POST',
    path: '/v1/seed-files',
    summary: 'Import tokens as stocked: all of the file or nothing',
    query: schemas.seedFileQuery,
    streamed: ['application/pskc+xml', 'text/csv'],
    status: 200,
    reply: schemas.seedFileReply,
  },
} as const satisfies Record<string, Operation>;
