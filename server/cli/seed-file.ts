import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { FobtwinError } from '../../shared/errors.ts';
import { SEED_FILE_LIMITS } from '../../shared/seed-files/entry.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

type ContentType = 'application/pskc+xml' | 'text/csv';

export const command: Command = {
  define: (parser, choose) =>
    parser
      .usage('fobd seed-file COMMAND\n\nSeed files: how tokens come in.')
      .command(
        'import <file>',
        'Import tokens as stocked: all of the file or nothing',
        (inner) =>
          inner
            .positional('file', {
              type: 'string',
              demandOption: true,
              describe: 'PSKC (.pskcxml, .xml) or CSV (.csv)',
            })
            .option('dry-run', { type: 'boolean', describe: 'Only say what would be imported' })
            .option('accept-emulated', {
              type: 'boolean',
              describe: 'Let tokens that an emulator made count as hardware tokens',
            }),
        (args) => {
          const { file } = args;
          const dryRun = args['dry-run'] === true;
          const acceptEmulated = args['accept-emulated'] === true;
          choose(args, async ({ env, withClient, print }) => {
            const absolute = path.resolve(env.directory, file);
            const contentType = await contentTypeOf(absolute);
            const report = await withClient((client) =>
              client.call('importSeedFile', {
                query: {
                  ...(dryRun ? { dryRun: 'true' } : {}),
                  ...(acceptEmulated ? { acceptEmulated: 'true' } : {}),
                },
                contentType,
                stream: Readable.toWeb(createReadStream(absolute)) as ReadableStream<Uint8Array>,
              }),
            );
            return print(report, describeReport(report, dryRun));
          });
        },
      )
      .demandCommand(1, 'seed-file needs one of its commands'),
};

const EXTENSIONS: Readonly<Record<string, ContentType>> = {
  '.csv': 'text/csv',
  '.pskcxml': 'application/pskc+xml',
  '.pskc': 'application/pskc+xml',
  '.xml': 'application/pskc+xml',
};
/** Far enough for a byte order mark, white space and the first character. */
const SNIFFED_BYTES = 512;

/** By the name's ending; else a file that begins with `<` is PSKC. */
async function contentTypeOf(file: string): Promise<ContentType> {
  try {
    const { size } = await stat(file);
    if (size > SEED_FILE_LIMITS.bytes) throw tooLarge(file);
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFFED_BYTES), 0);
      const start = buffer
        .toString('utf8', 0, bytesRead)
        .replace(/^\uFEFF/, '')
        .trimStart();
      const sniffed = start.startsWith('<') ? 'application/pskc+xml' : 'text/csv';
      return EXTENSIONS[path.extname(file).toLowerCase()] ?? sniffed;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    throw new FobtwinError('fileUnreadable', `The seed file ${file} cannot be read`, {
      nextStep: 'Check its name and that you may read it.',
      cause: error,
    });
  }
}

const tooLarge = (file: string): FobtwinError =>
  new FobtwinError('bodyTooLarge', `The seed file ${file} is larger than 256 MiB`, {
    nextStep: 'Split it.',
  });

/** Rows shown to a person; all of them stand in --json. */
const ROWS_SHOWN = 20;

function describeReport(report: ReplyOf<'importSeedFile'>, dryRun: boolean): string {
  const { imported, skipped, rows } = report;
  const shown = rows.slice(0, ROWS_SHOWN);
  const cells = shown.map(({ serial, result, reason }) => [serial, result, reason ?? '']);
  const rest = rows.length - shown.length;
  const total = dryRun
    ? `Nothing was changed. ${rows.length} tokens were read.`
    : `${imported} imported, ${skipped} skipped.`;
  return [
    formatTable(['SERIAL', 'RESULT', 'REASON'], cells, 'The file has no tokens.'),
    ...(rest > 0 ? [`and ${rest} more`] : []),
    total,
  ].join('\n');
}
