import { createHmac } from 'node:crypto';
import type { AccountId, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import type { Failures } from '../verification/types.ts';

/** An account's own password, as its hash. */
export interface PasswordRecord {
  readonly version: 1;
  /**
   * Argon2id in PHC form (`$argon2id$v=19$m=…`), keyed with what is not in the store. Absent once
   * the password has been taken away: such an account is never taken for a directory's.
   */
  readonly hash?: string;
  readonly setAt: UnixMillis;
}

/** What wrong passwords have counted. */
export interface PasswordFailuresRecord {
  readonly version: 1;
  readonly failures: Failures;
  /** The last change; what names share by chance is forgotten some time after it. */
  readonly changedAt: UnixMillis;
}

export const PASSWORDS: Kind<PasswordRecord> = {
  name: 'password',
  indexes: [],
  indexValues: () => [],
};

export const PASSWORD_FAILURES: Kind<PasswordFailuresRecord> = {
  name: 'passwordFailures',
  indexes: [],
  indexValues: () => [],
};

export const passwordKey = (id: AccountId): Key<PasswordRecord> => keyOf(PASSWORDS, id);

/**
 * What an attempt counts on: an account's own password, an entry of the directory (which is counted
 * there too, whatever it is called), or the shadow of a name that nobody has.
 */
export type Counted =
  | { readonly of: 'account'; readonly name: AccountId }
  | { readonly of: 'directory'; readonly name: string }
  | { readonly of: 'nobody'; readonly name: string };

/** Shadows: their number is bounded whatever names strangers try; names share them by chance. */
const SHADOW_HEX_DIGITS = 4;

/** @param key 32 bytes: nobody outside can tell who shares a shadow */
export function failuresKey({ of, name }: Counted, key: Uint8Array): Key<PasswordFailuresRecord> {
  const id =
    of === 'nobody'
      ? createHmac('sha256', key).update(`shadow ${name}`).digest('hex').slice(0, SHADOW_HEX_DIGITS)
      : name;
  return keyOf(PASSWORD_FAILURES, `${of}:${id}`);
}
