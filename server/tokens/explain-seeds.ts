import { decodeBase32, encodeBase32 } from '../../shared/base32.ts';
import { decodeBase64, encodeBase64 } from '../../shared/seed-files/base64.ts';
import { decodeHex, encodeHex } from '../../shared/seed-files/hex.ts';
import { parseSeed, type Seed } from '../../shared/types.ts';

/**
 * How a seed on its way from its maker may have been mistaken: what was one text was read as
 * another. Each row says what a token's true seed would be if that had happened to the stored one.
 */
export const SEED_READINGS = [
  'asStored',
  'hexTakenAsText',
  'base32TakenAsText',
  'base64TakenAsText',
  'hexTakenAsBase32',
  'base32TakenAsHex',
  'hexTakenAsBase64',
  'base32TakenAsBase64',
  'textTakenAsHex',
  'textTakenAsUpperHex',
  'textTakenAsBase32',
] as const;
export type SeedReading = (typeof SEED_READINGS)[number];

export const SEED_READING_TEXTS: Readonly<Record<SeedReading, string>> = {
  asStored: 'the seed as it was imported',
  hexTakenAsText: 'the imported seed is text; its hexadecimal digits are the seed',
  base32TakenAsText: 'the imported seed is text; read as base32 it is the seed',
  base64TakenAsText: 'the imported seed is text; read as base64 it is the seed',
  hexTakenAsBase32: 'the seed was given in hexadecimal and imported as base32',
  base32TakenAsHex: 'the seed was given in base32 and imported as hexadecimal',
  hexTakenAsBase64: 'the seed was given in hexadecimal and imported as base64',
  base32TakenAsBase64: 'the seed was given in base32 and imported as base64',
  textTakenAsHex: 'the token was programmed with the hexadecimal digits as plain text',
  textTakenAsUpperHex: 'the token was programmed with the upper-case digits as plain text',
  textTakenAsBase32: 'the token was programmed with the base32 letters as plain text',
};

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const READ: Readonly<Record<SeedReading, (stored: Uint8Array) => Uint8Array | undefined>> = {
  asStored: (stored) => Uint8Array.from(stored),
  hexTakenAsText: (stored) => decodeHex(latin(stored).trim()),
  base32TakenAsText: (stored) => decodeBase32(latin(stored).trim()),
  base64TakenAsText: (stored) => decodeBase64(latin(stored)),
  hexTakenAsBase32: (stored) => decodeHex(encodeBase32(stored)),
  base32TakenAsHex: (stored) => decodeBase32(encodeHex(stored)),
  hexTakenAsBase64: (stored) => decodeHex(encodeBase64(stored)),
  base32TakenAsBase64: (stored) => decodeBase32(encodeBase64(stored)),
  textTakenAsHex: (stored) => ascii(encodeHex(stored)),
  textTakenAsUpperHex: (stored) => ascii(encodeHex(stored).toUpperCase()),
  textTakenAsBase32: (stored) => ascii(encodeBase32(stored)),
};

/** A seed that the token may really have; the caller wipes it. */
export interface PossibleSeed {
  readonly reading: SeedReading;
  readonly seed: Seed;
}

/** The stored seed, first, and every other one that a known mistake would have made of it. */
export function possibleSeeds(stored: Seed): readonly PossibleSeed[] {
  const known = new Set<string>();
  return SEED_READINGS.flatMap((reading) => {
    const bytes = READ[reading](stored);
    const seed = bytes && parseSeed(bytes);
    if (seed === undefined || known.has(latin(seed))) return [];
    known.add(latin(seed));
    return [{ reading, seed }];
  });
}
