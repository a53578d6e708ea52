import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto';
import type { Rng } from '../../shared/rng.ts';

/** AES-256-GCM (NIST SP 800-38D) over text, with what must be the same when it is opened. */

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @returns nonce, ciphertext and tag in base64 */
export function seal(text: string, key: Uint8Array, bound: string, rng: Rng): string {
  const nonce = rng.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** @returns `undefined` for another key, for another `bound`, or where a bit was changed */
export function unseal(sealed: string, key: Uint8Array, bound: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(bytes.length - TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(bound))
      .setAuthTag(tag);
    const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** What is done with a drawer's data key; each use has a key of its own (RFC 5869). */
export interface DataKey {
  readonly bytes: Uint8Array;
  readonly forDevices: Uint8Array;
  /** A mark of the drawer's own description, in base64. */
  mark(text: string): string;
  isMark(mark: string, text: string): boolean;
}

export function dataKeyOf(bytes: Uint8Array): DataKey {
  const derive = (use: string) => new Uint8Array(hkdfSync('sha256', bytes, '', use, KEY_BYTES));
  const forHeader = derive('fob drawer header');
  const mark = (text: string) => createHmac('sha256', forHeader).update(text).digest('base64');
  return {
    bytes,
    forDevices: derive('fob drawer devices'),
    mark,
    isMark(found, text) {
      const [one, other] = [Buffer.from(found), Buffer.from(mark(text))];
      return one.length === other.length && timingSafeEqual(one, other);
    },
  };
}
