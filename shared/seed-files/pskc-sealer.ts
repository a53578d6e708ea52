import type { Rng } from '../rng.ts';
import { encodeBase64 } from './base64.ts';
import { concatBytes } from './bytes.ts';
import type { SeedFileCrypto } from './crypto.ts';
import { SEED_FILE_LIMITS } from './entry.ts';
import type { SeedFileKey } from './key.ts';
import { cbcUri, ENCRYPTION_NAMESPACES, hmacUri, PBKDF2_URI } from './pskc-algorithms.ts';
import { pad } from './pskc-cipher.ts';
import { counterBytes } from './pskc-data.ts';
import { refusal } from './values.ts';

/** How a file is encrypted that is written. */
export interface PskcEncryption {
  readonly key: SeedFileKey;
  readonly crypto: SeedFileCrypto;
  /** Cryptographic. */
  readonly rng: Pick<Rng, 'bytes'>;
  /**
   * Of the MAC and of PBKDF2. Default `sha1`, the one that every reader must have (RFC 6030
   * sections 6.1.1 and 6.2); as an HMAC it is sound.
   */
  readonly hash?: 'sha1' | 'sha256';
  /** Of PBKDF2, at most 2,000,000. Default 1,300,000, what OWASP asks for HMAC-SHA-1. */
  readonly iterations?: number;
  /**
   * Whether counters and time steps are encrypted too, so that a MAC covers them. Default false:
   * few readers take them so.
   */
  readonly sealNumbers?: boolean;
}

/** What stands before the packages, and how a value of Data is written. */
export interface Sealer {
  /** Attributes of the root, a space before each. */
  readonly namespaces: string;
  readonly lines: readonly string[];
  seed(bytes: Uint8Array): string;
  number(number: number): string;
}

const IV_BYTES = 16;
const SALT_BYTES = 16;
/** Of a file under a passphrase: AES-128, the one that every reader must have. */
const DERIVED_KEY_BYTES = 16;
const MAC_KEY_BYTES = { sha1: 20, sha256: 32 } as const;
const ITERATIONS = 1_300_000;

/** @throws FobtwinError `invalidInput` for a number of iterations that no file may ask for */
export async function createSealer(encryption: PskcEncryption): Promise<Sealer> {
  const { crypto, rng, hash = 'sha1', sealNumbers = false } = encryption;
  const { key, lines } = await fileKey(encryption);
  const encrypted = (bytes: Uint8Array): Uint8Array => {
    const iv = rng.bytes(IV_BYTES);
    return concatBytes(iv, crypto.aesCbcEncrypt(key, iv, pad(bytes)));
  };
  const macKey = rng.bytes(MAC_KEY_BYTES[hash]);
  const data = (bytes: Uint8Array): string =>
    `<xenc:EncryptionMethod Algorithm="${cbcUri(key.length)}"/>` +
    `<xenc:CipherData><xenc:CipherValue>${encodeBase64(bytes)}</xenc:CipherValue>` +
    '</xenc:CipherData>';
  const sealed = (bytes: Uint8Array): string => {
    const value = encrypted(bytes);
    const mac = encodeBase64(crypto.hmac(hash, macKey, value));
    return `<EncryptedValue>${data(value)}</EncryptedValue><ValueMAC>${mac}</ValueMAC>`;
  };
  return {
    namespaces: Object.entries(ENCRYPTION_NAMESPACES)
      .map(([prefix, uri]) => ` xmlns:${prefix}="${uri}"`)
      .join(''),
    lines: [
      ...lines,
      `<MACMethod Algorithm="${hmacUri(hash)}">`,
      `  <MACKey>${data(encrypted(macKey))}</MACKey>`,
      '</MACMethod>',
    ],
    seed: sealed,
    number: (number) =>
      sealNumbers ? sealed(counterBytes(number)) : `<PlainValue>${number}</PlainValue>`,
  };
}

interface FileKey {
  readonly key: Uint8Array;
  /** EncryptionKey. */
  readonly lines: readonly string[];
}

async function fileKey(encryption: PskcEncryption): Promise<FileKey> {
  const { key, crypto, rng, hash = 'sha1', iterations = ITERATIONS } = encryption;
  if (key.kind === 'key') {
    const lines = ['<EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>'];
    return { key: key.bytes, lines };
  }
  const max = SEED_FILE_LIMITS.iterations;
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > max) {
    const what = `the number of iterations is an integer from 1 to ${max}`;
    throw refusal({ field: 'iterations' }, 'tooLarge', what, 'Choose a number within.');
  }
  const salt = rng.bytes(SALT_BYTES);
  const derived = await crypto.pbkdf2({
    passphrase: new TextEncoder().encode(key.text),
    salt,
    iterations,
    keyBytes: DERIVED_KEY_BYTES,
    hash,
  });
  return { key: derived, lines: derivationLines(salt, iterations, hash) };
}

/** As figure 7 of RFC 6030 has it; what PKCS #5 names stands in no namespace. */
function derivationLines(
  salt: Uint8Array,
  iterations: number,
  hash: 'sha1' | 'sha256',
): readonly string[] {
  return [
    '<EncryptionKey>',
    '  <xenc11:DerivedKey>',
    `    <xenc11:KeyDerivationMethod Algorithm="${PBKDF2_URI}">`,
    '      <pkcs5:PBKDF2-params>',
    `        <Salt xmlns=""><Specified>${encodeBase64(salt)}</Specified></Salt>`,
    `        <IterationCount xmlns="">${iterations}</IterationCount>`,
    `        <KeyLength xmlns="">${DERIVED_KEY_BYTES}</KeyLength>`,
    `        <PRF xmlns="" Algorithm="${hmacUri(hash)}"/>`,
    '      </pkcs5:PBKDF2-params>',
    '    </xenc11:KeyDerivationMethod>',
    '    <xenc11:MasterKeyName>Passphrase</xenc11:MasterKeyName>',
    '  </xenc11:DerivedKey>',
    '</EncryptionKey>',
  ];
}
