import { createHmac } from 'node:crypto';
import { createOtp, type OtpCrypto } from '../../shared/otp.ts';
import type { DeviceEnv } from '../device/types.ts';

const nodeCrypto: OtpCrypto = {
  hmac: (algorithm, key, message) => createHmac(algorithm, key).update(message).digest(),
};

/** What devices run on here: Node's own HMAC. */
export const deviceEnv: DeviceEnv = { otp: createOtp(nodeCrypto) };
