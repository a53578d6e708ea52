import fs from 'node:fs';
import { FobtwinError } from '../../shared/errors.ts';
import { CSV_DIALECT_NAMES } from '../../shared/seed-files/csv-dialects.ts';
import { SEED_FILE_LIMITS, type SeedFileEntry } from '../../shared/seed-files/entry.ts';
import type { ParserOptions } from '../../shared/seed-files/parser.ts';
import type { Serial } from '../../shared/types.ts';
import { createSniffingParser } from './any-seed-file.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { drawerOf } from './drawer-of.ts';
import type { CliEnv } from './env.ts';
import { checkAddress, isAddress, refuseMigration, renamed } from './otpauth-text.ts';
import { printJson } from './output.ts';
import { pictureFormat } from './picture-format.ts';
import { putIntoDrawer } from './put-into-drawer.ts';
import { keptDeviceOf } from './seed-file-entry.ts';
import { KEY_CONFLICTS, KEY_OPTIONS, seedFileKeyOf } from './seed-file-key.ts';
import { printTokens, tokensJson } from './tokens-made.ts';

export const importSeedFile: FobCommand = {
  positionals: {
    file: {
      describe:
        'A seed file (PSKC, SafeNet XML, CSV or otpauth addresses) or a picture of a QR code ' +
        '(PNG, JPEG); - for standard input',
    },
  },
  options: {
    serial: { describe: 'Call it so: for one otpauth address whose label is no serial' },
    ...KEY_OPTIONS,
    dialect: {
      choices: CSV_DIALECT_NAMES,
      describe: 'The kind of a CSV file; found out from its lines where they leave no doubt',
    },
  },
  conflicts: KEY_CONFLICTS,
  examples: [
    ['import seeds.pskcxml', 'every token of a seed file'],
    ['import seeds.pskcxml --key-file seeds.key', 'an encrypted one'],
    ['import - < address.txt', 'an otpauth address, away from the command line and its history'],
    ['import screen.png --serial VPN-1', 'the QR code that a site shows for a phone app'],
  ],
  notes:
    "Imported tokens are live: their clock is this computer's. Either all tokens of the file are " +
    'made, or, when one is wrong or already there, none.',
  async run(args, env) {
    const drawer = drawerOf(args, env);
    const entries = await readEntries(args, env);
    const at = env.clock.now();
    const kept = entries.map((entry) => keptDeviceOf(entry, at));
    await putIntoDrawer(kept, { drawer, env, json: args.flag('json') });
    if (args.flag('json')) printJson(env, tokensJson(kept));
    else printTokens(kept, { verb: 'Imported', drawer, env });
    return 0;
  },
};

async function readEntries(args: Arguments, env: CliEnv): Promise<SeedFileEntry[]> {
  const file = args.required('file');
  const serial = args.text('serial') === undefined ? undefined : args.serial();
  const options = await parserOptions(args);
  const source = file === '-' ? env.stdin : fs.createReadStream(file);
  try {
    const { start, pieces } = await withStart(source as AsyncIterable<Uint8Array | string>);
    if (pictureFormat(start) !== undefined) {
      return await parse(oneText(await textOfPicture(pieces)), serial, options);
    }
    refuseMigration(Buffer.from(start).toString('latin1'));
    return await parse(textOf(pieces), serial, options);
  } catch (error) {
    throw readable(error, file, serial);
  }
}

async function parserOptions(args: Arguments): Promise<ParserOptions> {
  const dialect = CSV_DIALECT_NAMES.find((name) => name === args.text('dialect'));
  const key = seedFileKeyOf(args);
  return {
    ...(dialect === undefined ? {} : { dialect }),
    ...(key === undefined
      ? {}
      : { key, crypto: (await import('./seed-file-crypto.ts')).seedFileCrypto }),
  };
}

/** By so many bytes every picture is known, and every kind of address. */
const START_BYTES = 64;

interface Pieces {
  /** The first bytes, at least 64 where there are so many. */
  readonly start: Uint8Array;
  /** All bytes, the first among them. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

async function withStart(stream: AsyncIterable<Uint8Array | string>): Promise<Pieces> {
  const rest = stream[Symbol.asyncIterator]();
  const next = async (): Promise<Uint8Array | undefined> => {
    const { value, done } = await rest.next();
    if (done === true) return undefined;
    return typeof value === 'string' ? Buffer.from(value) : value;
  };
  let start = new Uint8Array();
  while (start.length < START_BYTES) {
    const piece = await next();
    if (piece === undefined) break;
    start = Buffer.concat([start, piece]);
  }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield start;
    for (let piece = await next(); piece !== undefined; piece = await next()) yield piece;
  }
  return { start, pieces: pieces() };
}

async function* textOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > SEED_FILE_LIMITS.bytes) throw tooLarge();
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

async function textOfPicture(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const { IMAGE_BYTES_MAX, readQrTexts } = await import('./qr-image.ts');
  const collected: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    collected.push(piece);
    bytes += piece.length;
    // One byte too many is enough to be refused.
    if (bytes > IMAGE_BYTES_MAX) break;
  }
  const texts = await readQrTexts(Buffer.concat(collected));
  for (const text of texts) checkAddress(text);
  return texts.map((text) => text.trim()).join('\n');
}

async function* oneText(text: string): AsyncGenerator<string> {
  yield text;
}

async function parse(
  texts: AsyncIterable<string>,
  serial: Serial | undefined,
  options: ParserOptions,
): Promise<SeedFileEntry[]> {
  const entries = new Map<Serial, SeedFileEntry>();
  const parser = createSniffingParser((entry) => {
    if (serial !== undefined && entries.size > 0) throw oneOnly();
    if (entries.has(entry.serial)) throw twice(entry.serial);
    entries.set(entry.serial, entry);
  }, options);
  let text = '';
  for await (const piece of texts) {
    if (serial === undefined) {
      parser.write(piece);
      await parser.ready?.();
    } else if (text.length > SEED_FILE_LIMITS.fieldCharacters) throw oneOnly();
    else text += piece;
  }
  if (serial !== undefined) {
    if (!isAddress(text)) throw oneOnly();
    parser.write(renamed(text, serial));
  }
  parser.end();
  return [...entries.values()];
}

function readable(error: unknown, file: string, serial: Serial | undefined): unknown {
  if (error instanceof FobtwinError) return serial === undefined ? withWayOut(error) : error;
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new FobtwinError('invalidInput', 'The seed file is not UTF-8 text, and no picture', {
      nextStep: 'Import PSKC, CSV or otpauth addresses as UTF-8 text, or a PNG or JPEG picture.',
    });
  }
  return new FobtwinError('fileUnreadable', `${file} cannot be read (${String(error.code)})`, {
    nextStep: 'Look at its name and permissions.',
    cause: error,
  });
}

/** Most sites put the account's name where a serial would stand. */
function withWayOut(error: FobtwinError): FobtwinError {
  if (!error.errors.some(({ field }) => field === 'otpauth/label')) return error;
  return new FobtwinError(error.code, error.message, {
    errors: error.errors,
    cause: error,
    nextStep: 'Call the token as you like: fob import FILE --serial SERIAL',
  });
}

function oneOnly(): FobtwinError {
  return usageError('--serial names the token of one otpauth address, and nothing else');
}

function twice(serial: Serial): FobtwinError {
  return new FobtwinError('invalidInput', `The serial ${serial} is in the file twice`, {
    nextStep: 'Nothing was imported. Leave one of the two away.',
  });
}

function tooLarge(): FobtwinError {
  const mebibytes = SEED_FILE_LIMITS.bytes / 1024 / 1024;
  return new FobtwinError('invalidInput', `A seed file has at most ${mebibytes} MiB`, {
    nextStep: 'Nothing was imported. Split the file.',
  });
}
