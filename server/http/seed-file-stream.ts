import { TextDecoder } from 'node:util';
import { FobtwinError } from '../../shared/errors.ts';
import {
  SEED_FILE_LIMITS,
  type SeedFileEntry,
  type SeedFileFormat,
} from '../../shared/seed-files/entry.ts';
import { createSeedFileParser } from '../../shared/seed-files/parser.ts';
import { bodyTooLarge, isBrokenOff, malformedBody } from './request-body.ts';

/**
 * The entries of a seed file as its bytes arrive. A piece is read only when the entries of the one
 * before have been taken, so a slow import slows its sender and memory holds one piece.
 *
 * @throws FobtwinError `bodyTooLarge`, `malformedBody`, or `invalidInput` naming line or package
 */
export async function* readSeedFile(
  pieces: AsyncIterable<Uint8Array>,
  format: SeedFileFormat,
  { bytesMax = SEED_FILE_LIMITS.bytes }: { readonly bytesMax?: number } = {},
): AsyncGenerator<SeedFileEntry, void, undefined> {
  let ready: SeedFileEntry[] = [];
  const parser = createSeedFileParser(format, (entry) => ready.push(entry));
  const take = (): readonly SeedFileEntry[] => {
    const entries = ready;
    ready = [];
    return entries;
  };
  for await (const text of decode(limit(pieces, bytesMax))) {
    parser.write(text);
    yield* take();
  }
  parser.end();
  yield* take();
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
    throw new FobtwinError('malformedBody', 'The seed file is not UTF-8 text.', { cause });
  }
}
