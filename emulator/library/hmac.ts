import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { OtpCrypto } from '../../shared/otp.ts';

const HASHES = { sha1, sha256, sha512 } as const;

/**
 * HMAC (RFC 2104) in plain JavaScript: the same code under Node and in a browser, whose own HMAC is
 * asynchronous and would make a press so too.
 */
export const portableCrypto: OtpCrypto = {
  hmac: (algorithm, key, message) => hmac(HASHES[algorithm], key, message),
};
