import { createHmac } from 'node:crypto';
import type { OtpCrypto } from '../../shared/otp.ts';

/** Node's HMAC, as the programs hand it in. */
export const nodeCrypto: OtpCrypto = {
  hmac: (algorithm, key, message) => createHmac(algorithm, key).update(message).digest(),
};
