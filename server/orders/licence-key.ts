import { createHmac } from 'node:crypto';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';

/**
 * Licence keys: `AAAAA-BBBBB-CCCCC-DDDDD-EEEEE`, 24 random characters of an alphabet without I, L,
 * O and U (Crockford's base 32), and a check character that finds every single mistyped character
 * and nearly every swap of two neighbours (as the hybrid systems of ISO/IEC 7064, in base 32).
 */

/** Crockford, "Base 32": what is read for one another is one. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_CHARACTERS = 24;
const CHARACTERS = RANDOM_CHARACTERS + 1;
const GROUP = 5;

export type LicenceKey = string & { readonly licenceKey: unique symbol };

/** 120 random bits: whoever guesses finds none, so a fast keyed hash suffices. */
export function makeLicenceKey(rng: Rng): LicenceKey {
  const random = [...rng.bytes(RANDOM_CHARACTERS)].map((byte) => ALPHABET.charAt(byte & 31));
  return formatted(random.join('') + checkCharacter(random.join('')));
}

/**
 * Read as people type: white space and dashes dropped, lower case taken, I and L for 1, O for 0.
 *
 * @returns `undefined` for what no key looks like, its check character included
 */
export function parseLicenceKey(text: string): LicenceKey | undefined {
  if (text.length > 100) return undefined;
  const plain = text.replace(/[\s-]+/gu, '').toUpperCase();
  const read = plain.replace(/[IL]/g, '1').replaceAll('O', '0');
  const isKey = read.length === CHARACTERS && [...read].every((each) => ALPHABET.includes(each));
  const body = read.slice(0, RANDOM_CHARACTERS);
  return isKey && read.endsWith(checkCharacter(body)) ? formatted(read) : undefined;
}

const formatted = (characters: string): LicenceKey =>
  (characters.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-') as LicenceKey;

/** Each step is one-to-one, so that one changed character never comes out even. */
function checkCharacter(body: string): string {
  const m = ALPHABET.length;
  let product = m;
  for (const character of body) {
    const sum = (product + ALPHABET.indexOf(character)) % m || m;
    product = (sum * 2) % (m + 1);
  }
  return ALPHABET.charAt((m + 1 - product) % m);
}

/** What is kept of a key, under the keyed hash of it. */
export interface LicenceKeyRecord {
  readonly version: 1;
  readonly subscription: SubscriptionId;
  readonly issuedAt: UnixMillis;
  readonly redeemedBy?: AccountId;
  readonly redeemedAt?: UnixMillis;
}

export const LICENCE_KEYS: Kind<LicenceKeyRecord> = {
  name: 'licenceKey',
  indexes: [],
  indexValues: () => [],
};

/** Where a key's record stands. @param hashKey 32 bytes that are not in the store */
export const licenceKeyKey = (key: LicenceKey, hashKey: Uint8Array): Key<LicenceKeyRecord> =>
  keyOf(LICENCE_KEYS, createHmac('sha256', hashKey).update(key).digest('hex'));
