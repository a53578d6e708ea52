import type { IncomingMessage } from 'node:http';
import { FobtwinError, invalidInput } from '../../../shared/errors.ts';
import { CSV_DIALECT_NAMES, type CsvDialectName } from '../../../shared/seed-files/csv-dialects.ts';
import { writeCsv } from '../../../shared/seed-files/csv-format.ts';
import { SEED_FILE_LIMITS, type SeedFileEntry } from '../../../shared/seed-files/entry.ts';
import { parseKeyHeader, type SeedFileKey } from '../../../shared/seed-files/key.ts';
import { writePskc } from '../../../shared/seed-files/pskc-writer.ts';
import { SEED_FILE_KEY_HEADER } from '../../../shared/wire/operations/seed-files.ts';
import { OPERATIONS, type ParsedBodyOf } from '../../../shared/wire/operations.ts';
import type { SeedExport } from '../../tokens/port.ts';
import type { AppDependencies } from '../dependencies.ts';
import { bodyTooLarge, refuseCompressed, requireMediaType } from '../request-body.ts';
import { seedFileCrypto } from '../seed-file-crypto.ts';
import { type ReadingOptions, readSeedFile } from '../seed-file-stream.ts';
import { type Handlers, Sliced, Streamed } from './handler.ts';

type MediaType = (typeof OPERATIONS.importSeedFile.streamed)[number];

const FORMATS: Readonly<Record<MediaType, Parameters<typeof readSeedFile>[1]>> = {
  'application/pskc+xml': 'pskc',
  'text/csv': 'csv',
  'application/xml': 'xml',
};
const EXPORT_TYPES = { pskc: 'application/pskc+xml', csv: 'text/csv' } as const;
const KEY_FIELD = `/header/${SEED_FILE_KEY_HEADER}`;

type Parts = Pick<AppDependencies, 'tokens' | 'rng'>;

export function seedFileHandlers({
  tokens,
  rng,
}: Parts): Handlers<'importSeedFile' | 'exportSeedFile'> {
  return {
    async importSeedFile({ query, caller, request }) {
      const type = requireMediaType(request.headers, OPERATIONS.importSeedFile.streamed);
      const format = FORMATS[type];
      refuseCompressed(request.headers);
      refuseTooLong(request);
      const { dryRun = false, partial = false, acceptEmulated = false } = query;
      const reading: ReadingOptions = {
        ...keyOptions(keyOf(request)),
        ...dialectOptions(query.dialect, type),
        collectsRefused: dryRun || partial,
      };
      // A refused file must not take its connection along before the reply is out.
      const pieces = request.iterator({ destroyOnReturn: false });
      const rows = readSeedFile(pieces, format, reading);
      const options = { dryRun, partial, acceptEmulated };
      const report = await tokens.importEntries(rows, options, caller);
      return new Sliced({ ...report, rows: [...report.rows] });
    },
    async exportSeedFile({ body, caller, request }) {
      const { format, serials, state } = body;
      const key = keyOf(request);
      const protection = protectionOf(body, key);
      const command = {
        format,
        protection,
        ...(serials === undefined ? {} : { serials }),
        ...(state === undefined ? {} : { life: state }),
      };
      const entries = entriesOf(await tokens.exportEntries(command, caller));
      const encryption = key === undefined ? undefined : { key, crypto: seedFileCrypto, rng };
      const pieces =
        format === 'csv'
          ? writeCsv(entries)
          : writePskc(entries, encryption === undefined ? {} : { encryption });
      return new Streamed(pieces, EXPORT_TYPES[format]);
    },
  };
}

/** Where the length is told beforehand nothing need be read. */
function refuseTooLong({ headers }: IncomingMessage): void {
  const { bytes } = SEED_FILE_LIMITS;
  if (Number(headers['content-length'] ?? 0) > bytes) throw bodyTooLarge(bytes);
}

/** @throws FobtwinError `invalidInput`, which never repeats the header */
function keyOf({ headers }: IncomingMessage): SeedFileKey | undefined {
  const value = headers[SEED_FILE_KEY_HEADER.toLowerCase()];
  if (value === undefined) return undefined;
  try {
    return parseKeyHeader(String(value));
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    const { message, nextStep, errors } = error;
    throw new FobtwinError('invalidInput', message, {
      errors: errors.map(({ code }) => ({ field: KEY_FIELD, code })),
      ...(nextStep === undefined ? {} : { nextStep }),
    });
  }
}

const keyOptions = (key: SeedFileKey | undefined): ReadingOptions =>
  key === undefined ? {} : { key, crypto: seedFileCrypto };

function dialectOptions(text: string | undefined, type: MediaType): ReadingOptions {
  if (text === undefined) return {};
  const nextStep = `A dialect is one of CSV: ${CSV_DIALECT_NAMES.join(', ')}.`;
  const refuse = (message: string) =>
    invalidInput('/query/dialect', 'notAllowed', message, { nextStep });
  if (type !== 'text/csv') throw refuse('Only CSV has dialects.');
  const dialect: CsvDialectName | undefined = CSV_DIALECT_NAMES.find((name) => name === text);
  if (dialect === undefined) throw refuse('There is no such dialect.');
  return { dialect };
}

/** How the seeds leave: nobody gets them in the clear who did not say so. */
function protectionOf(
  { format, plain = false }: ParsedBodyOf<'exportSeedFile'>,
  key: SeedFileKey | undefined,
): 'key' | 'passphrase' | 'plain' {
  if (key !== undefined && plain) {
    throw invalidInput('/plain', 'oneOf', 'The seeds are either encrypted or in the clear.', {
      nextStep: `Leave out plain, or the header ${SEED_FILE_KEY_HEADER}.`,
    });
  }
  if (key !== undefined && format === 'csv') {
    throw invalidInput('/format', 'notAllowed', 'CSV has no encryption.', {
      nextStep: 'Take PSKC, which has.',
    });
  }
  if (key !== undefined) return key.kind;
  if (plain) return 'plain';
  throw invalidInput('/plain', 'required', 'Without a key the seeds would leave in the clear.', {
    nextStep: `Send a key or a passphrase in the header ${SEED_FILE_KEY_HEADER}, or "plain": true.`,
  });
}

async function* entriesOf({ slices }: SeedExport): AsyncGenerator<SeedFileEntry> {
  for await (const slice of slices) yield* slice;
}
