import { FobtwinError } from '../errors.ts';
import { decodeHex, encodeHex } from './hex.ts';

/**
 * What opens an encrypted seed file: a key that both sides know, or a passphrase that the file's
 * key is derived from (RFC 6030 sections 6.1 and 6.2). Never in a log or an error.
 */
export type SeedFileKey =
  | { readonly kind: 'key'; readonly bytes: Uint8Array }
  | { readonly kind: 'passphrase'; readonly text: string };

export type SeedFileKeyKind = SeedFileKey['kind'];

/** AES takes keys of 128, 192 and 256 bits. */
const KEY_BYTES: readonly number[] = [16, 24, 32];
const LONE_SURROGATE = /\p{Cs}/u;
/** Longest passphrase, in bytes of UTF-8. */
export const PASSPHRASE_BYTES_MAX = 1024;
/** Longest text that a key or a passphrase is read from, in characters. */
export const KEY_TEXT_MAX = 4096;

/**
 * The content of a key file: hexadecimal, white space ignored; or of a passphrase file: the text
 * less one final line end (DESIGN section 9).
 *
 * @throws FobtwinError `invalidInput`, which never repeats the text
 */
export function parseKeyText(text: string, kind: SeedFileKeyKind): SeedFileKey {
  if (text.length > KEY_TEXT_MAX) throw badKey(`it has more than ${KEY_TEXT_MAX} characters`);
  if (kind === 'passphrase') return passphraseOf(text.replace(/\r?\n$/, ''));
  const bytes = decodeHex(text.replace(/\s/g, ''));
  if (bytes === undefined) throw badKey('it is not hexadecimal');
  if (KEY_BYTES.includes(bytes.length)) return { kind: 'key', bytes };
  throw badKey(`it has ${bytes.length} bytes, and not 16, 24 or 32`);
}

/**
 * The value of the header `Fobd-Seed-File-Key`: `key=HEX`, or `passphrase=` and the UTF-8 text with
 * percent signs as in a URI.
 *
 * @throws FobtwinError `invalidInput`, which never repeats the value
 */
export function parseKeyHeader(value: string): SeedFileKey {
  const [, kind, text = ''] = /^(key|passphrase)=(.*)$/s.exec(value.trim()) ?? [];
  if (kind === 'key') return parseKeyText(text, 'key');
  if (kind === 'passphrase' && text.length <= 3 * KEY_TEXT_MAX) {
    return passphraseOf(decodePercent(text));
  }
  throw badKey('it is neither key=HEX nor passphrase=TEXT');
}

export function formatKeyHeader(key: SeedFileKey): string {
  if (key.kind === 'key') return `key=${encodeHex(key.bytes)}`;
  return `passphrase=${encodeURIComponent(key.text)}`;
}

function passphraseOf(text: string): SeedFileKey {
  // A lone half of a pair has no UTF-8, and would become another character without a word.
  if (LONE_SURROGATE.test(text)) throw badKey('the passphrase is not UTF-8 text');
  const { length } = new TextEncoder().encode(text);
  if (length === 0) throw badKey('the passphrase is empty');
  if (length <= PASSPHRASE_BYTES_MAX) return { kind: 'passphrase', text };
  throw badKey(`the passphrase has more than ${PASSPHRASE_BYTES_MAX} bytes`);
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badKey('the passphrase is not percent-encoded UTF-8');
  }
}

function badKey(why: string): FobtwinError {
  return new FobtwinError('invalidInput', `The seed file's key cannot be used: ${why}.`, {
    nextStep:
      'Give 32, 48 or 64 hexadecimal digits as its key, or the passphrase as its supplier sent it.',
    errors: [{ field: 'key', code: 'badFormat' }],
  });
}
