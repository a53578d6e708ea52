import base32 from 'hi-base32';

/** Longest text that `decodeBase32` looks at; a 64-byte seed takes 104 characters. */
export const BASE32_TEXT_MAX = 1024;

/** Tried before folding to upper case, which makes letters of the alphabet out of others. */
const ALPHABET = /^[A-Za-z2-7 -]*[= -]*$/;

/** RFC 4648 section 6, upper case, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  // A copy: hi-base32 reads a view of an ArrayBuffer, but not every typed array of every realm.
  return base32.encode(Array.from(bytes)).replace(/=+$/, '');
}

/**
 * RFC 4648 section 6, strictly. Upper or lower case; spaces and hyphens, which people type between
 * groups, are dropped; padding is left away or exactly right.
 *
 * hi-base32 silently drops the tail of a text of impossible length, and accepts misplaced or excess
 * padding and stray bits after the last byte; each of these would read a different seed than was
 * meant, so whatever does not encode back to itself is refused.
 *
 * @returns `undefined` for anything that is not base32, or is longer than `BASE32_TEXT_MAX`
 */
export function decodeBase32(text: string): Uint8Array | undefined {
  if (text.length > BASE32_TEXT_MAX) return undefined;
  if (!ALPHABET.test(text)) return undefined;
  const normal = text.replace(/[ -]/g, '').toUpperCase();
  const unpadded = normal.replace(/=+$/, '');
  const padded = unpadded.padEnd(Math.ceil(unpadded.length / 8) * 8, '=');
  if (normal !== unpadded && normal !== padded) return undefined;
  const bytes = Uint8Array.from(base32.decode.asBytes(padded));
  return encodeBase32(bytes) === unpadded ? bytes : undefined;
}
