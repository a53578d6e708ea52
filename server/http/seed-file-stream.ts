import { TextDecoder } from 'node:util';
import { FobtwinError } from '../../shared/errors.ts';
import { SEED_FILE_LIMITS, type SeedFileFormat } from '../../shared/seed-files/entry.ts';
import { createSeedFileParser, type ParserOptions } from '../../shared/seed-files/parser.ts';
import { SNIFFED_CHARACTERS, sniffFormat } from '../../shared/seed-files/sniff.ts';
import type { ImportItem } from '../tokens/port.ts';
import { bodyTooLarge, isBrokenOff, malformedBody } from './request-body.ts';

export interface ReadingOptions extends Omit<ParserOptions, 'onRefused'> {
  /** Default what a file may have. */
  readonly bytesMax?: number;
  /** Whether a row that cannot be read is an item too. Default false: it is an exception. */
  readonly collectsRefused?: boolean;
}

/**
 * The rows of a seed file as its bytes arrive. A piece is read only when the rows of the one
 * before have been taken, so a slow import slows its sender and memory holds one piece.
 *
 * @param format `xml` for one of the XML formats, told by how the file begins
 * @throws FobtwinError `bodyTooLarge`, `malformedBody`, or `invalidInput` naming line or package
 */
export async function* readSeedFile(
  pieces: AsyncIterable<Uint8Array>,
  format: SeedFileFormat | 'xml',
  { bytesMax = SEED_FILE_LIMITS.bytes, collectsRefused = false, ...options }: ReadingOptions = {},
): AsyncGenerator<ImportItem, void, undefined> {
  let ready: ImportItem[] = [];
  const take = (): readonly ImportItem[] => {
    const items = ready;
    ready = [];
    return items;
  };
  const open = (known: SeedFileFormat) =>
    createSeedFileParser(known, (entry) => ready.push(entry), {
      ...options,
      ...(collectsRefused ? { onRefused: (refused, error) => ready.push({ refused, error }) } : {}),
    });
  let parser: ReturnType<typeof open> | undefined;
  const decoded = decode(limit(pieces, bytesMax));
  for await (const text of format === 'xml' ? beginWithEnough(decoded) : decoded) {
    parser ??= open(format === 'xml' ? xmlFormat(text) : format);
    for (const part of partsOf(text)) {
      parser.write(part);
      await parser.ready?.();
      yield* take();
      // Whoever waits for a decision has his turn between two parts of a long file.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  parser ??= open(format === 'xml' ? 'pskc' : format);
  parser.end();
  yield* take();
}

/** CSV that is said to be XML is for the XML parser to refuse. */
function xmlFormat(start: string): SeedFileFormat {
  const format = sniffFormat(start);
  return format === 'csv' ? 'pskc' : format;
}

/** The first text is long enough to tell by it what the file is, unless the file is shorter. */
async function* beginWithEnough(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let start = '';
  let begun = false;
  for await (const text of texts) {
    if (begun) yield text;
    else start += text;
    if (begun || start.length < SNIFFED_CHARACTERS) continue;
    begun = true;
    yield start;
  }
  if (!begun && start !== '') yield start;
}

/** Characters parsed at a stretch: a millisecond or two, decryption included. */
const PART_CHARACTERS = 16 * 1024;

function* partsOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += PART_CHARACTERS) {
    yield text.slice(start, start + PART_CHARACTERS);
  }
}

async function* limit(
  pieces: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > bytesMax) throw bodyTooLarge(bytesMax);
      yield piece;
    }
  } catch (error) {
    throw isBrokenOff(error) ? malformedBody('The file broke off while it was sent.') : error;
  }
}

async function* decode(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const piece of pieces) yield decodePiece(decoder, piece);
  yield decodePiece(decoder);
}

/** Without a piece: the end, where half a character is an error. */
function decodePiece(decoder: TextDecoder, piece?: Uint8Array): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch (cause) {
    throw new FobtwinError('malformedBody', 'The seed file is not UTF-8 text.', {
      nextStep: 'Save it as UTF-8 (spreadsheets: "CSV UTF-8"), and send it again.',
      cause,
    });
  }
}
