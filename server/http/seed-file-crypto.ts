import { createCipheriv, createDecipheriv, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { SeedFileCrypto } from '../../shared/seed-files/crypto.ts';

const deriveKey = promisify(pbkdf2);

/** The check values that AES key wrap begins with: RFC 3394 section 2.2.3.1, RFC 5649 section 3. */
const WRAPS = [
  { suffix: 'wrap', check: Buffer.from('a6a6a6a6a6a6a6a6', 'hex') },
  { suffix: 'wrap-pad', check: Buffer.from('a65959a6', 'hex') },
] as const;

/** The cryptography of seed files by node:crypto; PBKDF2 runs in its thread pool. */
export const seedFileCrypto: SeedFileCrypto = {
  aesCbcEncrypt(key, iv, blocks) {
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(blocks), cipher.final()]);
  },
  aesCbcDecrypt(key, iv, blocks) {
    const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(blocks), decipher.final()]);
  },
  aesKeyUnwrap(key, wrapped) {
    for (const { suffix, check } of WRAPS) {
      try {
        const decipher = createDecipheriv(`id-aes${key.length * 8}-${suffix}`, key, check);
        return Buffer.concat([decipher.update(wrapped), decipher.final()]);
      } catch {
        // OpenSSL throws for a wrong check value; the other one may be right.
      }
    }
    return undefined;
  },
  hmac: (hash, key, message) => createHmac(hash, key).update(message).digest(),
  pbkdf2: ({ passphrase, salt, iterations, keyBytes, hash }) =>
    deriveKey(passphrase, salt, iterations, keyBytes, hash),
};
