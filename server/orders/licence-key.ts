import { createHmac } from 'node:crypto';
import { makeGroupedKey, parseGroupedKey } from '../../shared/grouped-key.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import { deriveKey } from '../vault/keys.ts';

/**
 * Licence keys: `AAAAA-BBBBB-CCCCC-DDDDD-EEEEE`, 24 random characters and a check character. 120
 * random bits: whoever guesses finds none, so a fast keyed hash suffices.
 */
const CHARACTERS = 25;

export type LicenceKey = string & { readonly licenceKey: unique symbol };

export const makeLicenceKey = (rng: Rng): LicenceKey =>
  makeGroupedKey(rng, CHARACTERS) as LicenceKey;

/** @returns `undefined` for what no key looks like, its check character included */
export const parseLicenceKey = (text: string): LicenceKey | undefined =>
  parseGroupedKey(text, CHARACTERS) as LicenceKey | undefined;

/** What is kept of a key, under the keyed hash of it. */
export interface LicenceKeyRecord {
  readonly version: 1;
  /** The keyed hash, under which it stands. */
  readonly id: string;
  readonly subscription: SubscriptionId;
  readonly issuedAt: UnixMillis;
  readonly redeemedBy?: AccountId;
  readonly redeemedAt?: UnixMillis;
}

export const LICENCE_KEYS: Kind<LicenceKeyRecord> = {
  name: 'licenceKey',
  indexes: ['subscription'],
  indexValues: (_index, { subscription }) => [subscription],
};

/** What licence keys are hashed with. @param rootKey 32 bytes */
export const licenceKeysKey = (rootKey: Uint8Array): Uint8Array =>
  deriveKey(rootKey, 'licenceKeys');

/** Where a key's record stands. @param hashKey 32 bytes that are not in the store */
export const licenceKeyKey = (key: LicenceKey, hashKey: Uint8Array): Key<LicenceKeyRecord> =>
  licenceKeyAt(createHmac('sha256', hashKey).update(key).digest('hex'));

/** @param hash as the record's `id` */
export const licenceKeyAt = (hash: string): Key<LicenceKeyRecord> => keyOf(LICENCE_KEYS, hash);
