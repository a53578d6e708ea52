import type { Rng } from '../../shared/rng.ts';
import { decrypt, encrypt } from '../vault/keys.ts';

/**
 * What nobody but a mail's reader may read, under a key that is not in the store. The notice's id
 * is authenticated with it, so that no notice shows another's.
 */

type Secrets = Readonly<Record<string, string>>;

/** @param key 32 bytes, derived from the root key for `notices` */
export const sealSecrets = (key: Uint8Array, secrets: Secrets, id: string, rng: Rng): string =>
  encrypt(key, Buffer.from(JSON.stringify(secrets)), contextOf(id), rng);

/** @returns undefined where key, id or text is not what it was sealed with */
export function openSecrets(key: Uint8Array, sealed: string, id: string): Secrets | undefined {
  const bytes = decrypt(key, sealed, contextOf(id));
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString();
  bytes.fill(0);
  return JSON.parse(text) as Secrets;
}

const contextOf = (id: string): string => `fobd/notice/v1/${id}`;
