import { createHmac } from 'node:crypto';
import { makeGroupedKey, parseGroupedKey } from '../../shared/grouped-key.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, UnixMillis } from '../../shared/types.ts';
import type { ActivationCode } from './record.ts';

/**
 * Activation codes: `AAAAA-BBBBB-CCCCC`, 14 random characters (70 bits) and a check character. The
 * agent of a live session hands one over; the account that was proofed activates with it. Its
 * keyed hash is kept, made with the account, so that it is none for any other.
 */
const CHARACTERS = 15;

/** From the verdict on: time for the token to arrive and more. */
export const ACTIVATION_CODE_MILLIS = 7 * 86_400_000;
/** Wrong codes that may be tried on each credential. */
export const ACTIVATION_CODE_ATTEMPTS = 5;

/** What the key of `activationCodeMac` is derived from the root key for. */
export const ACTIVATION_CODE_PURPOSE = 'activationCodes';

export type ActivationText = string & { readonly activationText: unique symbol };

export const makeActivationText = (rng: Rng): ActivationText =>
  makeGroupedKey(rng, CHARACTERS) as ActivationText;

/** @returns `undefined` for what no activation code looks like, its check character included */
export const parseActivationText = (text: string): ActivationText | undefined =>
  parseGroupedKey(text, CHARACTERS) as ActivationText | undefined;

/** Lower-case hexadecimal. @param key 32 bytes, derived for `ACTIVATION_CODE_PURPOSE` */
export const activationCodeMac = (
  account: AccountId,
  code: ActivationText,
  key: Uint8Array,
): string =>
  createHmac('sha256', key).update(`fobd/activationCode/v1/${account}/${code}`).digest('hex');

/** What a credential keeps of a code that is handed over at `at`. */
export const issuedActivation = (mac: string, at: UnixMillis): ActivationCode => ({
  mac,
  expiresAt: (at + ACTIVATION_CODE_MILLIS) as UnixMillis,
  attemptsLeft: ACTIVATION_CODE_ATTEMPTS,
});
