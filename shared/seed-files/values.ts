import { BASE32_TEXT_MAX, decodeBase32 } from '../base32.ts';
import { type FieldErrorCode, type FobtwinError, invalidInput } from '../errors.ts';
import { withoutDirectionSigns } from '../text-direction.ts';
import {
  type AccountId,
  ALGORITHMS,
  type Algorithm,
  DIGITS,
  type Digits,
  parseAccountId,
  parseSeed,
  parseSerial,
  SEED_BYTES_MAX,
  SEED_BYTES_MIN,
  SERIAL_TEXT_MAX,
  type Seed,
  type Serial,
} from '../types.ts';
import { decodeHex } from './hex.ts';

/**
 * What the seed file formats have in common: text becomes a checked value, or a refusal that names
 * its place. A refusal never repeats what the file says: where columns are swapped, it is a seed.
 */

/** Where something stands in a file. */
export interface Place {
  /** `KeyPackage 3/TimeInterval`, `line 7/digits`. */
  readonly field: string;
  /** Counted from 1; left away where `field` says it already. */
  readonly line?: number;
}

const ASK_SUPPLIER =
  'Nothing was taken from this file. Correct it, or ask its supplier for another.';

/** Of a file to be written without entries. */
export const NO_TOKEN = 'a seed file holds at least one token';
export const NAME_TOKEN = 'Name a token to write.';

/** @param what ends the sentence that the place begins, without its full stop */
export function refusal(
  { field, line }: Place,
  code: FieldErrorCode,
  what: string,
  nextStep: string = ASK_SUPPLIER,
): FobtwinError {
  const where = line === undefined || field === `line ${line}` ? field : `${field} (line ${line})`;
  return invalidInput(field, code, `${where}: ${what}.`, { nextStep });
}

export function readSerial(text: string, place: Place): Serial {
  if (text.trim() === '') throw refusal(place, 'required', 'a token needs a serial');
  if (text.length > SERIAL_TEXT_MAX) {
    throw refusal(place, 'tooLong', `a serial has at most ${SERIAL_TEXT_MAX} characters here`);
  }
  const serial = parseSerial(text);
  if (serial !== undefined) return serial;
  throw refusal(
    place,
    'badFormat',
    'a serial is a letter or digit and up to 63 more letters, digits, dots, hyphens or underscores',
  );
}

/** @param bytes the decoded seed; `undefined` when its text could not be decoded */
export function readSeed(bytes: Uint8Array | undefined, encoding: string, place: Place): Seed {
  if (bytes === undefined) throw refusal(place, 'badFormat', `the seed is not ${encoding}`);
  const seed = parseSeed(bytes);
  if (seed !== undefined) return seed;
  if (bytes.length < SEED_BYTES_MIN) {
    // RFC 4226 section 4, R6.
    throw refusal(place, 'seedTooShort', `a seed has at least ${SEED_BYTES_MIN * 8} bits`);
  }
  throw refusal(place, 'seedTooLong', `a seed has at most ${SEED_BYTES_MAX} bytes`);
}

/** `SHA1`, `HMAC-SHA-256`, `HmacSHA512` and the like. */
export function readAlgorithm(text: string, place: Place): Algorithm {
  const name = text
    .toUpperCase()
    .replace(/[-_\s]/g, '')
    .replace(/^HMAC/, '');
  const algorithm = ALGORITHMS.find((known) => known === name);
  if (algorithm !== undefined) return algorithm;
  throw refusal(place, 'unknownAlgorithm', `the algorithm is one of ${ALGORITHMS.join(', ')}`);
}

export function readDigits(text: string, place: Place): Digits {
  const [min, max] = [DIGITS[0], DIGITS[DIGITS.length - 1] ?? DIGITS[0]];
  const number = readInteger(text, { min, max, what: 'the number of digits' }, place);
  return DIGITS.find((digits) => digits === number) ?? min;
}

export function readStepSeconds(text: string, place: Place): number {
  return readInteger(text, { min: 1, max: 3600, what: 'the time step in seconds' }, place);
}

export function readCounter(text: string, place: Place): number {
  return readInteger(text, { min: 0, max: Number.MAX_SAFE_INTEGER, what: 'a counter' }, place);
}

/** What a token keeps of its labels, times a file's tokens, is what a server holds in memory. */
export const LABEL_CHARACTERS_MAX = 200;

/** What neither a line of CSV, nor XML, nor a terminal can be given. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\uFFFE\uFFFF]/u;
const LINE_ENDS = /[ \t]*[\t\r\n\u2028\u2029][ \t\r\n\u2028\u2029]*/g;

/**
 * A line end or tab with the white space around it becomes a space; other control characters are
 * refused, since every later export of the token would fail for them.
 *
 * @returns `undefined` for an empty one
 */
export function readLabel(text: string | undefined, place: Place): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length > LABEL_CHARACTERS_MAX) {
    throw refusal(place, 'tooLong', `a label has at most ${LABEL_CHARACTERS_MAX} characters`);
  }
  const label = text.replace(LINE_ENDS, ' ');
  if (!UNPRINTABLE.test(label)) return label;
  throw refusal(
    place,
    'badFormat',
    'a label has no control characters, and none that turn the text',
  );
}

/** A label that an earlier version took, as a seed file can carry it; `undefined` for nothing. */
export function writableLabel(text: string | undefined): string | undefined {
  const seen = withoutDirectionSigns(text ?? '');
  const label = seen.replace(/[\s\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu, ' ').trim();
  return label === '' ? undefined : label;
}

/** @returns `undefined` for an empty one */
export function readAccount(text: string, place: Place): AccountId | undefined {
  if (text === '') return undefined;
  const account = parseAccountId(text);
  if (account !== undefined) return account;
  const what = 'an account is a letter or digit and up to 127 more, or any of . _ @ and -';
  throw refusal(place, 'badFormat', what);
}

/** Hexadecimal, or base32 with `base32`; the place is that of the seed. */
export function readSeedText(text: string, encoding: 'hex' | 'base32', place: Place): Seed {
  if (text === '') throw refusal(place, 'required', 'the field is empty');
  if (encoding === 'hex') return readSeed(decodeHex(text), 'hexadecimal', place);
  const tooLong = text.length > BASE32_TEXT_MAX;
  if (tooLong) throw refusal(place, 'seedTooLong', 'the text is too long for a seed');
  return readSeed(decodeBase32(text), 'base32', place);
}

interface IntegerRange {
  readonly min: number;
  readonly max: number;
  /** Begins the sentence of a refusal. */
  readonly what: string;
}

/** Decimal digits, as XML Schema's integers too: white space around, a sign before. */
export function readInteger(text: string, { min, max, what }: IntegerRange, place: Place): number {
  const digits = text.trim();
  if (!/^[+-]?[0-9]+$/.test(digits)) throw refusal(place, 'badFormat', `${what} is an integer`);
  const number = Number(digits);
  if (number < min) throw refusal(place, 'tooSmall', `${what} is at least ${min}`);
  if (number > max) throw refusal(place, 'tooLarge', `${what} is at most ${max}`);
  return number === 0 ? 0 : number;
}

/** Remembers the serials of one file, and refuses one that stands there twice. */
export function createSerialRegister(): (serial: Serial, place: Place, entry: string) => void {
  const seen = new Map<Serial, string>();
  return (serial, place, entry) => {
    const first = seen.get(serial);
    if (first !== undefined) {
      throw refusal(place, 'duplicate', `the same serial stands at ${first} already`);
    }
    seen.set(serial, entry);
  };
}
