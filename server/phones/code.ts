import { createHmac } from 'node:crypto';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, Code, Digits, PhoneId } from '../../shared/types.ts';

/** Codes that are sent, and what is kept of those that prove a number. */

const DRAW_BYTES = 4;
/** Each draw is unfair with less than one in forty: so many in a row never are. */
const DRAWS_MAX = 32;

/**
 * Each code as likely as any other: of 32 bits, what lies beyond the last whole million (or hundred
 * million) would make some likelier, and is drawn anew.
 *
 * @param rng a cryptographic source
 */
export function drawCode(rng: Pick<Rng, 'bytes'>, digits: Digits = 6): Code {
  const codes = 10 ** digits;
  const fairBelow = 2 ** 32 - (2 ** 32 % codes);
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const number = Buffer.from(rng.bytes(DRAW_BYTES)).readUInt32BE();
    if (number < fairBelow) return String(number % codes).padStart(digits, '0') as Code;
  }
  throw new Error('the source of random bytes is broken');
}

const ID_BYTES = 8;

export const drawPhoneId = (rng: Pick<Rng, 'bytes'>): PhoneId =>
  Buffer.from(rng.bytes(ID_BYTES)).toString('hex') as PhoneId;

/** @param key 32 bytes that are not in the store */
export const verificationMac = (
  { account, phone, code }: { account: AccountId; phone: PhoneId; code: Code },
  key: Uint8Array,
): string =>
  createHmac('sha256', key).update(`fobd/phone/v1/${account}/${phone}/${code}`).digest('hex');
