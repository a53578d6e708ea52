import type { IncomingMessage } from 'node:http';
import { SEED_FILE_LIMITS, type SeedFileFormat } from '../../../shared/seed-files/entry.ts';
import { OPERATIONS } from '../../../shared/wire/operations.ts';
import type { TokenService } from '../../tokens/port.ts';
import { bodyTooLarge, refuseCompressed, requireMediaType } from '../request-body.ts';
import { readSeedFile } from '../seed-file-stream.ts';
import type { Handlers } from './handler.ts';

type MediaType = (typeof OPERATIONS.importSeedFile.streamed)[number];

const FORMATS: Readonly<Record<MediaType, SeedFileFormat>> = {
  'application/pskc+xml': 'pskc',
  'text/csv': 'csv',
};

export function seedFileHandlers({
  tokens,
}: {
  readonly tokens: Pick<TokenService, 'importEntries'>;
}): Handlers<'importSeedFile'> {
  return {
    async importSeedFile({ query, caller, request }) {
      const format = FORMATS[requireMediaType(request.headers, OPERATIONS.importSeedFile.streamed)];
      refuseCompressed(request.headers);
      refuseTooLong(request);
      // A refused file must not take its connection along before the reply is out.
      const pieces = request.iterator({ destroyOnReturn: false });
      const { dryRun = false, acceptEmulated = false } = query;
      const options = { dryRun, acceptEmulated };
      const report = await tokens.importEntries(readSeedFile(pieces, format), options, caller);
      return { ...report, rows: [...report.rows] };
    },
  };
}

/** Where the length is told beforehand nothing need be read. */
function refuseTooLong({ headers }: IncomingMessage): void {
  const { bytes } = SEED_FILE_LIMITS;
  if (Number(headers['content-length'] ?? 0) > bytes) throw bodyTooLarge(bytes);
}
