import { createOtp } from '../../../shared/otp.ts';
import { parseSeed } from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';

/** Three event tokens and a time token, all of one seed, and what they show. */

export const SEED = parseSeed(Uint8Array.from({ length: 20 }, (_, place) => place + 1));
export const SEED_FILE = ['EV1', 'EV2', 'EV3', 'TI1']
  .map((serial) => {
    const seed = Buffer.from(SEED ?? []).toString('hex');
    return serial.startsWith('EV') ? `${serial},${seed},SHA1,6,0,` : `${serial},${seed},SHA1,6,,30`;
  })
  .join('\n');
const otp = createOtp(nodeCrypto);
export const codeAt = (factor: number): string => {
  if (SEED === undefined) throw new Error('20 bytes are a seed');
  return otp.code(SEED, factor, { algorithm: 'SHA1', digits: 6 });
};
export const START = 1_767_225_615_000;
