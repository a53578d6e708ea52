import { hash, timingSafeEqual } from 'node:crypto';
import type { ApplicationId } from '../../shared/types.ts';

/**
 * An API key is `fobd_ID_SECRET`: the application's id, and 256 random bits in base64url. What is
 * kept is the SHA-256 of the secret's text. A fast hash suffices for 256 random bits: there is
 * nothing to guess.
 */

export const API_KEY_SECRET_BYTES = 32;
export const APPLICATION_ID_BYTES = 8;

const API_KEY = /^fobd_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/;
/** Nothing longer is looked at. */
const API_KEY_CHARACTERS = 65;
const ID_AT = 5;
const SECRET_AT = 22;

export interface ApiKey {
  readonly id: ApplicationId;
  readonly secret: string;
}

/** @param secret 32 random bytes */
export function makeApiKey(id: ApplicationId, secret: Uint8Array): ApiKey {
  return { id, secret: Buffer.from(secret).toString('base64url') };
}

export const formatApiKey = ({ id, secret }: ApiKey): string => `fobd_${id}_${secret}`;

/** The two parts of an API key, or `undefined` when `text` has not its form. */
export function parseApiKey(text: string): ApiKey | undefined {
  // Cut by place, not by the expression: its groups would cost every request more than the test.
  if (text.length !== API_KEY_CHARACTERS || !API_KEY.test(text)) return undefined;
  return { id: idNamedBy(text), secret: text.slice(SECRET_AT) };
}

/** The id in an API key; in a text that is none, one that no application has, or not its key's. */
export const idNamedBy = (text: string): ApplicationId =>
  text.slice(ID_AT, SECRET_AT - 1) as ApplicationId;

/**
 * SHA-256 of the secret's text: 32 bytes. Made as text of a character a byte: a hash that is a
 * buffer from the first costs twice as much.
 */
export const hashApiKeySecret = (secret: string): Buffer =>
  Buffer.from(hash('sha256', secret, 'binary'), 'latin1');

/** In constant time; both are 32 bytes. */
export const sameHash = (a: Uint8Array, b: Uint8Array): boolean => timingSafeEqual(a, b);
