import type { SeedFileCrypto } from './crypto.ts';

/** A cipher in the making: what of Node's the modes below need. */
interface NodeCipher {
  setAutoPadding(autoPadding: boolean): unknown;
  update(bytes: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

/** As much of `node:crypto` as seed files need, handed in: no Node module is named here. */
export interface NodeCrypto {
  createCipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array): NodeCipher;
  createDecipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array): NodeCipher;
  createHmac(
    algorithm: string,
    key: Uint8Array,
  ): { update(message: Uint8Array): { digest(): Uint8Array } };
  pbkdf2(
    passphrase: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    keyBytes: number,
    digest: string,
    done: (error: Error | null, key: Uint8Array) => void,
  ): void;
}

/** The check values that AES key wrap begins with: RFC 3394 section 2.2.3.1, RFC 5649 section 3. */
const WRAPS = [
  { suffix: 'wrap', check: Uint8Array.of(0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6) },
  { suffix: 'wrap-pad', check: Uint8Array.of(0xa6, 0x59, 0x59, 0xa6) },
] as const;

/** The cryptography of seed files by Node's; its PBKDF2 runs in Node's thread pool. */
export function createSeedFileCrypto(node: NodeCrypto): SeedFileCrypto {
  return {
    aesCbcEncrypt: (key, iv, blocks) =>
      run(node.createCipheriv(`aes-${key.length * 8}-cbc`, key, iv), blocks, { padding: false }),
    aesCbcDecrypt: (key, iv, blocks) =>
      run(node.createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv), blocks, { padding: false }),
    aesKeyUnwrap(key, wrapped) {
      for (const { suffix, check } of WRAPS) {
        try {
          const name = `id-aes${key.length * 8}-${suffix}`;
          return run(node.createDecipheriv(name, key, check), wrapped);
        } catch {
          // OpenSSL throws for a wrong check value; the other one may be right.
        }
      }
      return undefined;
    },
    hmac: (hash, key, message) => node.createHmac(hash, key).update(message).digest(),
    pbkdf2: ({ passphrase, salt, iterations, keyBytes, hash }) =>
      new Promise((resolve, reject) => {
        node.pbkdf2(passphrase, salt, iterations, keyBytes, hash, (error, key) => {
          if (error === null) resolve(key);
          else reject(error);
        });
      }),
  };
}

/** @param options.padding whether the last block is filled up; default as the mode has it */
function run(
  cipher: NodeCipher,
  bytes: Uint8Array,
  { padding }: { readonly padding?: boolean } = {},
): Uint8Array {
  if (padding !== undefined) cipher.setAutoPadding(padding);
  const [first, last] = [cipher.update(bytes), cipher.final()];
  const all = new Uint8Array(first.length + last.length);
  all.set(first);
  all.set(last, first.length);
  return all;
}
