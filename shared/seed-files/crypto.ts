/** The PRF of PBKDF2, and the MAC of a seed file. */
export type SeedFileHash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

export interface Pbkdf2Parameters {
  readonly passphrase: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly keyBytes: number;
  readonly hash: SeedFileHash;
}

/**
 * The cryptography of encrypted seed files, handed in: `server` and `emulator` hand in node:crypto.
 * Lengths are checked before it is called: keys of 16, 24 or 32 bytes, an IV of 16.
 */
export interface SeedFileCrypto {
  /** AES-CBC of whole blocks, without padding. */
  aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array;
  aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array;
  /** RFC 3394, or RFC 5649 with padding; `undefined` when both check values are wrong. */
  aesKeyUnwrap(key: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined;
  /** RFC 2104. */
  hmac(hash: SeedFileHash, key: Uint8Array, message: Uint8Array): Uint8Array;
  /** RFC 8018 section 5.2, away from the thread that serves. */
  pbkdf2(parameters: Pbkdf2Parameters): Promise<Uint8Array>;
}
