import { createCipheriv, createDecipheriv, createHmac, hkdfSync, KeyObject } from 'node:crypto';
import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import { createPlace } from './place.ts';

/** Every key of the vault: the master key, the root key, data keys. AES-256 and HMAC-SHA-256. */
export const KEY_BYTES = 32;
/** NIST SP 800-38D section 8.2: 96 bits, random, at most 2^32 messages a key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const CIPHER_OPTIONS = { authTagLength: TAG_BYTES };

/** What AES-256-GCM encrypts with: bytes, or the same as a KeyObject. */
type CipherKey = Parameters<typeof createCipheriv>[1];

/** A master key: bytes, or the same as a KeyObject, which no dump of a value shows. */
export type WrappingKey = Uint8Array | KeyObject;

/** AES-256-GCM; base64url of nonce, ciphertext and tag. `context` is authenticated with it. */
export function encrypt(key: CipherKey, bytes: Uint8Array, context: string, rng: Rng): string {
  const nonce = rng.bytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, CIPHER_OPTIONS);
  cipher.setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([nonce, cipher.update(bytes), cipher.final()]);
  return Buffer.concat([encrypted, cipher.getAuthTag()]).toString('base64url');
}

const sealedParts = createPlace('base64url', (sealed) => {
  const tagAt = sealed.length - TAG_BYTES;
  if (tagAt < NONCE_BYTES) return undefined;
  return {
    nonce: sealed.subarray(0, NONCE_BYTES),
    encrypted: sealed.subarray(NONCE_BYTES, tagAt),
    tag: sealed.subarray(tagAt),
  };
});
const contextBytes = createPlace('utf8', (bytes) => bytes);

/** The bytes again, or `undefined` when key, context or text is not what it was. */
export function decrypt(key: CipherKey, text: string, context: string): Uint8Array | undefined {
  const sealed = sealedParts(text);
  if (sealed === undefined) return undefined;
  const decipher = createDecipheriv(CIPHER, key, sealed.nonce, CIPHER_OPTIONS);
  decipher.setAAD(contextBytes(context));
  decipher.setAuthTag(sealed.tag);
  const bytes = decipher.update(sealed.encrypted);
  try {
    decipher.final();
    return bytes;
  } catch {
    bytes.fill(0);
    return undefined;
  }
}

/**
 * A key under the master key.
 *
 * @param purpose what the wrapped key is for; it unwraps for nothing else
 * @returns base64url of nonce, ciphertext and tag
 */
export function wrapKey(
  masterKey: WrappingKey,
  key: Uint8Array,
  purpose: string,
  rng: Rng,
): string {
  checkKey(masterKey, 'the master key');
  return encrypt(masterKey, key, wrappingContext(purpose), rng);
}

/** @throws FobtwinError `wrongMasterKey` when it was wrapped by another, or for another purpose */
export function unwrapKey(masterKey: WrappingKey, wrapped: string, purpose: string): Uint8Array {
  checkKey(masterKey, 'the master key');
  const key = decrypt(masterKey, wrapped, wrappingContext(purpose));
  if (key !== undefined) return key;
  throw new FobtwinError('wrongMasterKey', 'The master key does not open this data directory.', {
    nextStep: 'Give the master key that this data directory was made with (--master-key-file).',
    detail: `the wrapped key for ${purpose} does not open`,
  });
}

/** What the root key is wrapped for. */
export const ROOT_KEY_PURPOSE = 'rootKey';
/** What data keys are wrapped for: a wrapped root key does not pass for one. */
export const DATA_KEY_PURPOSE = 'dataKey';

const FINGERPRINT_BYTES = 4;
const FINGERPRINT_PURPOSE = 'fobd/fingerprint/v1';

/**
 * Tells master keys apart and says nothing of them: the first 32 bits of an HMAC-SHA-256 under the
 * key itself. 8 lower-case hexadecimal digits.
 */
export function keyFingerprint(masterKey: WrappingKey): string {
  checkKey(masterKey, 'the master key');
  const mac = createHmac('sha256', masterKey).update(FINGERPRINT_PURPOSE).digest();
  return mac.toString('hex', 0, FINGERPRINT_BYTES);
}

/**
 * Overwrites what held a key. The runtime may have moved the bytes before, so that this shortens a
 * key's stay in memory and does not prove its end.
 */
export function wipe(...keys: readonly Uint8Array[]): void {
  for (const key of keys) key.fill(0);
}

const wrappingContext = (purpose: string): string => `fobd/wrap/v1/${purpose}`;

/** A key of its own for each purpose: HKDF-SHA-256 (RFC 5869), without salt. 32 bytes. */
export function deriveKey(rootKey: Uint8Array, purpose: string): Uint8Array {
  checkKey(rootKey, 'the root key');
  const info = `fobd/derive/v1/${purpose}`;
  return new Uint8Array(hkdfSync('sha256', rootKey, new Uint8Array(0), info, KEY_BYTES));
}

export function checkKey(key: WrappingKey, what: string): void {
  const length = key instanceof KeyObject ? key.symmetricKeySize : key.length;
  if (length === KEY_BYTES) return;
  throw new FobtwinError('internal', 'An internal error occurred.', {
    detail: `vault: ${what} has ${KEY_BYTES} bytes, not ${length}`,
  });
}
