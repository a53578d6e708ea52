import { randomBytes } from 'node:crypto';
import { seedFileCrypto } from '../../../emulator/cli/seed-file-crypto.ts';
import type {
  OnEntry,
  RefusedRow,
  SeedFileEntry,
  SeedFileFormat,
} from '../../../shared/seed-files/entry.ts';
import type { SeedFileKey } from '../../../shared/seed-files/key.ts';
import { createSeedFileParser, type ParserOptions } from '../../../shared/seed-files/parser.ts';
import type { PskcEncryption } from '../../../shared/seed-files/pskc-sealer.ts';
import { writePskc } from '../../../shared/seed-files/pskc-writer.ts';

export const rng = { bytes: (length: number) => Uint8Array.from(randomBytes(length)) };

export const keyOf = (bytes: Uint8Array): SeedFileKey => ({ kind: 'key', bytes });
export const passphrase = (text: string): SeedFileKey => ({ kind: 'passphrase', text });

/** Few iterations, so that a test does not spend its time on them. */
export function encryptionOf(
  key: SeedFileKey,
  options: Partial<PskcEncryption> = {},
): PskcEncryption {
  return { key, crypto: seedFileCrypto, rng, iterations: 1000, ...options };
}

export async function join(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** A file of these entries, encrypted. */
export const sealed = (
  entries: Iterable<SeedFileEntry>,
  key: SeedFileKey,
  options: Partial<PskcEncryption> = {},
): Promise<string> => join(writePskc(entries, { encryption: encryptionOf(key, options) }));

export interface WholeReading {
  readonly entries: readonly SeedFileEntry[];
  readonly refused: readonly (RefusedRow & { readonly field: string; readonly code: string })[];
  /** What a step threw. */
  readonly error: unknown;
}

export interface ReadOptions extends ParserOptions {
  /** Whether tokens that cannot be read are passed over. Default false. */
  readonly partial?: boolean;
}

/** Reads the pieces as programs do, waiting where the parser does. */
export async function read(
  format: SeedFileFormat,
  pieces: readonly string[],
  { partial = false, ...options }: ReadOptions = {},
): Promise<WholeReading> {
  const entries: SeedFileEntry[] = [];
  const refused: WholeReading['refused'][number][] = [];
  const onEntry: OnEntry = (entry) => entries.push(entry);
  try {
    const parser = createSeedFileParser(format, onEntry, {
      ...options,
      ...(options.key === undefined ? {} : { crypto: options.crypto ?? seedFileCrypto }),
      ...(partial ? { onRefused: (row, error) => refused.push({ ...row, ...error }) } : {}),
    });
    for (const piece of pieces) {
      parser.write(piece);
      await parser.ready?.();
    }
    parser.end();
  } catch (error) {
    return { entries, refused, error };
  }
  return { entries, refused, error: undefined };
}

/** The entries of a file that must be whole. */
export async function readWhole(
  format: SeedFileFormat,
  pieces: readonly string[],
  options: ReadOptions = {},
): Promise<readonly SeedFileEntry[]> {
  const { entries, error } = await read(format, pieces, options);
  if (error !== undefined) throw error;
  return entries;
}

export function tokens(count: number): SeedFileEntry[] {
  return [...manyTokens(count)];
}

export function* manyTokens(count: number): Generator<SeedFileEntry> {
  for (let index = 0; index < count; index += 1) {
    yield {
      serial: `FT${index}` as SeedFileEntry['serial'],
      seed: Uint8Array.from(
        { length: 20 },
        (_, place) => (place * 31 + index * 17) % 251,
      ) as SeedFileEntry['seed'],
      parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
      nextCounter: 5,
    };
  }
}

/** The MAC key's first, then the packages'. */
export const cipherValues = (text: string): Buffer[] =>
  Array.from(text.matchAll(/CipherValue>([^<]+)</g), ([, value = '']) =>
    Buffer.from(value, 'base64'),
  );

export function flipped(bytes: Buffer, place: number, by: number): string {
  const changed = Buffer.from(bytes);
  changed[place] = (changed[place] ?? 0) ^ by;
  return changed.toString('base64');
}
