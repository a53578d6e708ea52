import type { FobtwinError } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import type { Pbkdf2Parameters } from './crypto.ts';
import { SEED_FILE_LIMITS } from './entry.ts';
import type { SeedFileKey } from './key.ts';
import { hmacOf, isPbkdf2 } from './pskc-algorithms.ts';
import { findCipherValue, type MacMethod } from './pskc-cipher.ts';
import { DERIVATION, ENCRYPTION_KEY, MAC_KEY, MAC_METHOD, PBKDF2 } from './pskc-elements.ts';
import {
  type ElementsText,
  findAttribute,
  findText,
  first,
  placeOf,
  requireAttribute,
  requireText,
} from './pskc-text.ts';
import { readInteger, refusal } from './values.ts';

/** What stands in a PSKC file before its first KeyPackage. */

const KEY_BYTES: readonly number[] = [16, 24, 32];
const SALT_BYTES_MAX = 1024;

/** What the file says of its key and what was handed in must go together. */
export function checkKeyKind(container: ElementsText, key: SeedFileKey | undefined): void {
  if (first(container, ENCRYPTION_KEY) === undefined) return;
  if (key === undefined) throw needsKey(container);
  const derived = first(container, DERIVATION) !== undefined;
  if (derived === (key.kind === 'passphrase')) return;
  const place = placeOf(container, ENCRYPTION_KEY);
  throw derived
    ? refusal(place, 'notAllowed', 'the file is encrypted under a passphrase, not a key', SWAP)
    : refusal(place, 'notAllowed', 'the file is encrypted under a key, not a passphrase', SWAP);
}

const SWAP = 'Ask its supplier for the other, and give that.';

function needsKey(container: ElementsText): FobtwinError {
  const derived = first(container, DERIVATION) !== undefined;
  const what = `the file is encrypted under a ${derived ? 'passphrase' : 'key'}`;
  const next = `Give the ${derived ? 'passphrase' : 'key'} that its supplier sent apart from it.`;
  return refusal(placeOf(container, ENCRYPTION_KEY), 'required', what, next);
}

/**
 * How the file's key comes of a passphrase (RFC 6030 section 6.2).
 *
 * @throws FobtwinError `invalidInput`, for more iterations than the limit too: a file could
 * otherwise keep its reader busy for hours
 */
export function readDerivation(container: ElementsText, passphrase: string): Pbkdf2Parameters {
  const algorithm = requireAttribute(container, DERIVATION, 'Algorithm');
  if (!isPbkdf2(algorithm.text)) {
    throw refusal(algorithm.place, 'unsupported', 'only PBKDF2 is read');
  }
  const iterations = requireText(container, `${PBKDF2}/IterationCount`);
  const range = { min: 1, max: SEED_FILE_LIMITS.iterations, what: 'the number of iterations' };
  return {
    passphrase: new TextEncoder().encode(passphrase),
    salt: readSalt(container),
    iterations: readInteger(iterations.text, range, iterations.place),
    keyBytes: readKeyLength(container),
    hash: readPrf(container),
  };
}

function readSalt(container: ElementsText): Uint8Array {
  const { text, place } = requireText(container, `${PBKDF2}/Salt/Specified`);
  const salt = decodeBase64(text);
  if (salt === undefined) throw refusal(place, 'badFormat', 'the salt is not base64');
  if (salt.length <= SALT_BYTES_MAX) return salt;
  throw refusal(place, 'tooLong', `a salt has at most ${SALT_BYTES_MAX} bytes`);
}

function readKeyLength(container: ElementsText): number {
  const { text, place } = requireText(container, `${PBKDF2}/KeyLength`);
  const keyBytes = readInteger(text, { min: 1, max: 64, what: 'the length of the key' }, place);
  if (KEY_BYTES.includes(keyBytes)) return keyBytes;
  throw refusal(place, 'unsupported', 'a key of AES has 16, 24 or 32 bytes');
}

/** HMAC-SHA-1 unless something else is said (RFC 8018 appendix A.2). */
function readPrf(container: ElementsText): Pbkdf2Parameters['hash'] {
  const path = `${PBKDF2}/PRF`;
  // python-pskc 1.2 writes the URI as the element's text.
  const uri = findAttribute(container, path, 'Algorithm') ?? findText(container, path);
  const hash = uri === undefined ? 'sha1' : hmacOf(uri);
  if (hash !== undefined) return hash;
  throw refusal(placeOf(container, path), 'unsupported', 'only HMAC with SHA-1 or SHA-2 is read');
}

/** @returns `undefined` when the file has no MACMethod */
export function readMacMethod(container: ElementsText): MacMethod | undefined {
  if (first(container, MAC_METHOD) === undefined) return undefined;
  const key = findCipherValue(container, MAC_KEY);
  // python-pskc 1.2 names none where it makes no MACs: what key wrap protects needs none.
  const uri = findAttribute(container, MAC_METHOD, 'Algorithm');
  if (uri === undefined) return { hash: undefined, key };
  const hash = hmacOf(uri);
  if (hash !== undefined) return { hash, key };
  const place = placeOf(container, MAC_METHOD);
  throw refusal(place, 'unsupported', 'only HMAC with SHA-1 or SHA-2 is read');
}
