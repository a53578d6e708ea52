import type { FobtwinError } from '../errors.ts';
import { decodeBase64 } from './base64.ts';
import { equalBytes } from './bytes.ts';
import type { SeedFileCrypto, SeedFileHash } from './crypto.ts';
import { cipherOf } from './pskc-algorithms.ts';
import { type ElementsText, findAttribute, findText, first, placeOf } from './pskc-text.ts';
import { type Place, refusal } from './values.ts';

/** An encrypted value as it stands in a file. */
export interface CipherValue {
  readonly place: Place;
  /** A URI of XML Encryption. */
  readonly algorithm: string;
  /** In CBC the initialisation vector and whole blocks. */
  readonly bytes: Uint8Array;
  readonly mac: Uint8Array | undefined;
}

/** What the MACMethod of a file says; `hash` is missing where it names no algorithm. */
export interface MacMethod {
  readonly hash: SeedFileHash | undefined;
  /** Encrypted; without one the MACs are made with the file's key itself. */
  readonly key: Omit<CipherValue, 'mac'> | undefined;
}

const BLOCK_BYTES = 16;
/** Enough that two seeds do not agree by chance. */
const MARK_BYTES = 32;

/** The encrypted value at this path, or `undefined` when there is none. */
export function findCipherValue(
  texts: ElementsText,
  path: string,
  macPath?: string,
): CipherValue | undefined {
  if (first(texts, path) === undefined) return undefined;
  const place = placeOf(texts, path);
  const algorithm = findAttribute(texts, `${path}/EncryptionMethod`, 'Algorithm');
  if (algorithm === undefined) {
    throw refusal(place, 'required', 'it does not say by what algorithm it is encrypted');
  }
  const text = findText(texts, `${path}/CipherData/CipherValue`);
  if (text === undefined) throw refusal(place, 'required', 'there is no CipherValue');
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw refusal(place, 'badFormat', 'the CipherValue is not base64');
  return { place, algorithm, bytes, mac: findMac(texts, macPath) };
}

function findMac(texts: ElementsText, path: string | undefined): Uint8Array | undefined {
  const text = path === undefined ? undefined : findText(texts, path);
  if (path === undefined || text === undefined) return undefined;
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw refusal(placeOf(texts, path), 'badFormat', 'it is not base64');
  return bytes;
}

/**
 * Opens the encrypted values of one file. A value's MAC is checked before it is decrypted, and CBC
 * without a MAC is refused (RFC 6030 section 6.1.1): it would decrypt whatever was put there.
 *
 * A wrong key, a wrong MAC and wrong padding read the same, so that nobody who may try files learns
 * from an answer what a ciphertext holds.
 */
export class ValueOpener {
  readonly #key: Uint8Array;
  readonly #mac: MacMethod | undefined;
  readonly #crypto: SeedFileCrypto;
  #macKey: Uint8Array | undefined;
  /** Of seeds; the bytes as characters, which takes less memory than anything else. */
  readonly #opened = new Set<string>();

  constructor(key: Uint8Array, mac: MacMethod | undefined, crypto: SeedFileCrypto) {
    this.#key = key;
    this.#mac = mac;
    this.#crypto = crypto;
  }

  /** @throws FobtwinError `invalidInput`; every one puts the whole file in doubt */
  open(value: CipherValue): Uint8Array {
    this.#checkMac(value);
    const plain = this.#decrypt(value);
    if (plain === undefined) throw wrongKey(value.place);
    return plain;
  }

  /**
   * As `open`, for a seed. A MAC does not tell which token its value belongs to, so one that was
   * copied to a second token is refused at least.
   */
  openOnce(value: CipherValue): Uint8Array {
    const plain = this.open(value);
    const mark = String.fromCharCode(...(value.mac ?? value.bytes).subarray(0, MARK_BYTES));
    if (this.#opened.has(mark)) {
      throw refusal(value.place, 'duplicate', 'the same encrypted seed stands in the file already');
    }
    this.#opened.add(mark);
    return plain;
  }

  #checkMac({ place, algorithm, bytes, mac }: CipherValue): void {
    const hash = this.#mac?.hash;
    if (hash === undefined) {
      if (mac !== undefined) {
        throw refusal(place, 'unsupported', 'it has a MAC, and no MACMethod says how it was made');
      }
      if (cipherOf(algorithm)?.mode === 'wrap') return;
      const what = 'it is encrypted without a MAC, so it could have been changed by anybody';
      throw refusal(place, 'required', what);
    }
    if (mac === undefined) throw refusal(place, 'required', 'its MAC (ValueMAC) is missing');
    this.#macKey ??= this.#openMacKey();
    if (!equalBytes(this.#crypto.hmac(hash, this.#macKey, bytes), mac)) throw wrongKey(place);
  }

  /**
   * A MAC key that does not decrypt gives no refusal of its own, which would tell of its padding:
   * another key takes its place, which nobody without the file's key knows, and no MAC will match.
   */
  #openMacKey(): Uint8Array {
    const encrypted = this.#mac?.key;
    if (encrypted === undefined) return this.#key;
    return this.#decrypt(encrypted) ?? this.#crypto.hmac('sha256', this.#key, encrypted.bytes);
  }

  /** `undefined` when the key cannot be the right one. */
  #decrypt({ place, algorithm, bytes }: Omit<CipherValue, 'mac'>): Uint8Array | undefined {
    const method = cipherOf(algorithm);
    if (method === undefined) {
      const what = 'only AES-CBC and AES key wrap are read';
      throw refusal(place, 'unsupported', what);
    }
    if (method.keyBytes !== this.#key.length) {
      const has = this.#key.length;
      const what = `it needs a key of ${method.keyBytes} bytes, and this one has ${has}`;
      throw refusal(place, 'wrongKey', what, CHECK_KEY);
    }
    if (method.mode === 'wrap') return this.#unwrap(bytes);
    if (bytes.length < 2 * BLOCK_BYTES || bytes.length % BLOCK_BYTES !== 0) {
      throw refusal(place, 'badFormat', 'the CipherValue does not consist of whole blocks');
    }
    const iv = bytes.subarray(0, BLOCK_BYTES);
    return unpad(this.#crypto.aesCbcDecrypt(this.#key, iv, bytes.subarray(BLOCK_BYTES)));
  }

  #unwrap(bytes: Uint8Array): Uint8Array | undefined {
    const whole = bytes.length >= BLOCK_BYTES && bytes.length % 8 === 0;
    return whole ? this.#crypto.aesKeyUnwrap(this.#key, bytes) : undefined;
  }
}

const CHECK_KEY =
  'Look whether the key or passphrase belongs to this file; then get the file again.';

function wrongKey(place: Place): FobtwinError {
  const what = 'the key or passphrase is wrong, or the file was changed';
  return refusal(place, 'wrongKey', what, CHECK_KEY);
}

/** xmlenc-core1 section 5.2: the last byte counts the padding, whose other bytes are arbitrary. */
function unpad(blocks: Uint8Array): Uint8Array | undefined {
  const padding = blocks[blocks.length - 1] ?? 0;
  const fits = padding >= 1 && padding <= BLOCK_BYTES;
  return fits ? blocks.slice(0, blocks.length - padding) : undefined;
}

/** The padding of PKCS #7, which every reader of XML Encryption takes. */
export function pad(bytes: Uint8Array): Uint8Array {
  const padding = BLOCK_BYTES - (bytes.length % BLOCK_BYTES);
  const padded = new Uint8Array(bytes.length + padding).fill(padding);
  padded.set(bytes);
  return padded;
}
