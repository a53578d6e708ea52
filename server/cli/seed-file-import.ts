import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { FobtwinError } from '../../shared/errors.ts';
import { SEED_FILE_LIMITS, type SeedFileFormat } from '../../shared/seed-files/entry.ts';
import { SNIFFED_CHARACTERS, sniffFormat } from '../../shared/seed-files/sniff.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { readSmallFile } from '../data-directory/durable-files.ts';
import type { Action } from './command.ts';
import { createProgress, type Progress, type ProgressOptions } from './progress.ts';
import { type KeyFiles, readKeyHeader } from './seed-file-key.ts';
import { formatTable } from './table.ts';

export interface ImportArguments {
  readonly file: string;
  readonly dialect: string | undefined;
  readonly dryRun: boolean;
  readonly partial: boolean;
  readonly acceptEmulated: boolean;
  readonly keyFiles: KeyFiles;
}

type ContentType = 'application/pskc+xml' | 'application/xml' | 'text/csv';
type Report = ReplyOf<'importSeedFile'>;

/** How a row of each format is known among the bytes of a file. */
export const ROW_MARKERS: Readonly<
  Record<SeedFileFormat, Pick<ProgressOptions, 'marker' | 'perRow' | 'besides'>>
> = {
  csv: { marker: '\n', perRow: 1, besides: 1 },
  // A tag at its beginning, and one at its end.
  pskc: { marker: 'KeyPackage', perRow: 2, besides: 0 },
  safenet: { marker: '</Token>', perRow: 1, besides: 0 },
};

export const importAction =
  ({ file, dialect, dryRun, partial, acceptEmulated, keyFiles }: ImportArguments): Action =>
  async ({ env, json, withClient, print, refuse }) => {
    const absolute = path.resolve(env.directory, file);
    const key = await readKeyHeader(keyFiles, env.directory);
    const { bytesTotal, format, contentType } = await lookAt(absolute);
    const { errors } = env;
    const progress = createProgress({ errors, json, bytesTotal, ...ROW_MARKERS[format] });
    try {
      const report = await withClient((client) =>
        client.call('importSeedFile', {
          query: {
            ...(dialect === undefined ? {} : { dialect }),
            ...(dryRun ? { dryRun: 'true' } : {}),
            ...(partial ? { partial: 'true' } : {}),
            ...(acceptEmulated ? { acceptEmulated: 'true' } : {}),
          },
          contentType,
          stream: streamOf(absolute, progress),
          ...(key === undefined ? {} : { key }),
        }),
      );
      progress.end();
      const wouldBeRefused = dryRun && !partial && report.refused > 0;
      return (wouldBeRefused ? refuse : print)(report, describeReport(report, { dryRun, partial }));
    } finally {
      progress.end();
    }
  };

function streamOf(file: string, progress: Progress): ReadableStream<Uint8Array> {
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of createReadStream(file)) {
      progress.add(piece);
      yield piece;
    }
  };
  const readable = Readable.from(counted(), { objectMode: false });
  return Readable.toWeb(readable) as ReadableStream<Uint8Array>;
}

interface Sight {
  readonly bytesTotal: number;
  readonly format: SeedFileFormat;
  readonly contentType: ContentType;
}

const TYPES: Readonly<Record<SeedFileFormat, ContentType>> = {
  csv: 'text/csv',
  pskc: 'application/pskc+xml',
  safenet: 'application/xml',
};
const EXTENSIONS: Readonly<Record<string, readonly SeedFileFormat[]>> = {
  '.csv': ['csv'],
  '.pskcxml': ['pskc'],
  '.pskc': ['pskc'],
  '.xml': ['pskc', 'safenet'],
};

/** What the file is: by how it begins, unless its name ends as another kind of file's does. */
async function lookAt(file: string): Promise<Sight> {
  try {
    const { size: bytesTotal } = await stat(file);
    if (bytesTotal > SEED_FILE_LIMITS.bytes) throw tooLarge(file);
    const sniffed = sniffFormat(await readSmallFile(file, SNIFFED_CHARACTERS));
    const named = EXTENSIONS[path.extname(file).toLowerCase()] ?? [sniffed];
    const format = named.includes(sniffed) ? sniffed : (named[0] ?? sniffed);
    return { bytesTotal, format, contentType: TYPES[format] };
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

interface Asked {
  readonly dryRun: boolean;
  readonly partial: boolean;
}

function describeReport({ rows, ...counts }: Report, asked: Asked): string {
  // What needs looking at comes first.
  const refused = rows.filter(({ result }) => result === 'refused');
  const ordered = refused.length === 0 ? rows : refused;
  const shown = ordered.slice(0, ROWS_SHOWN);
  const cells = shown.map(({ serial, result, reason, field }) => [
    serial ?? '-',
    result,
    reason ?? '',
    field ?? '',
  ]);
  const headings = ['SERIAL', 'RESULT', 'REASON', ...(refused.length === 0 ? [] : ['AT'])];
  const rest = rows.length - shown.length;
  return [
    formatTable(headings, cells, 'The file has no tokens.'),
    ...(rest > 0 ? [`and ${rest} more`] : []),
    summaryOf(rows, counts, asked),
  ].join('\n');
}

function summaryOf(
  rows: Report['rows'],
  { imported, skipped, refused }: Omit<Report, 'rows'>,
  { dryRun, partial }: Asked,
): string {
  const refusals = refused === 0 ? '' : `, ${refused} refused`;
  if (!dryRun) return `${imported} imported, ${skipped} skipped${refusals}.`;
  const tokens = rows.length === 1 ? '1 token was' : `${rows.length} tokens were`;
  const read = `Nothing was changed. ${tokens} read${refusals}.`;
  if (refused === 0 || partial) return read;
  return `${read} The file would be refused; with --partial the others would be imported.`;
}
