import { crypto } from '@otplib/plugin-crypto-node';
import { createOtp } from '../../shared/otp.ts';
import type { DeviceEnv } from '../device/types.ts';

/** What devices run on here: Node's own HMAC. */
export const deviceEnv: DeviceEnv = { otp: createOtp(crypto) };
