import { createHash } from 'node:crypto';
import type { AccountId } from '../../shared/types.ts';
import { type Key, type Kind, keyOf, put, remove, type Write } from '../store/port.ts';

/**
 * What people sign in with. Every name of an account (its id, what a directory calls it) stands
 * folded in a record of its own, so that no two accounts ever have one name: whoever takes a name
 * reads its record in the same transaction.
 */
export interface AccountNameRecord {
  readonly version: 1;
  readonly account: AccountId;
}

export const ACCOUNT_NAMES: Kind<AccountNameRecord> = {
  name: 'accountName',
  indexes: [],
  indexValues: () => [],
};

/** A folded name: letters' case, width and composition are no difference any more. */
export type FoldedName = string;

/** With its prefix a key of the store; longer names are nobody's. */
const FOLDED_CHARACTERS_MAX = 180;

/** U+FF01 to U+FFEE and U+3000: letters and signs that differ in their width alone. */
const WIDE_OR_NARROW = /[\uFF01-\uFFEE\u3000]/gu;

/** ASCII has neither width nor composition, and one lower case: most names, at each sign-in. */
const PLAIN = new RegExp(`^[!-~]{1,${FOLDED_CHARACTERS_MAX}}$`);

/**
 * RFC 8265 section 3.3 (UsernameCaseMapped): width, case, composition. By way of lower case to
 * upper case and back: letters with two lower-case forms are one, and so are both sharp s. White
 * space around a name was never meant.
 *
 * @returns `undefined` for what can be nobody's name: empty, too long, or with control characters
 */
export function foldName(text: string): FoldedName | undefined {
  if (PLAIN.test(text)) return text.toLowerCase();
  const narrow = text.trim().replace(WIDE_OR_NARROW, (letter) => letter.normalize('NFKC'));
  const cased = narrow.normalize('NFC').toLowerCase().toUpperCase().toLowerCase();
  const folded = cased.normalize('NFC').trim();
  const isName = folded !== '' && folded.length <= FOLDED_CHARACTERS_MAX;
  return isName && !/[\p{Cc}\p{Cs}]/u.test(folded) ? folded : undefined;
}

/** An id is ASCII and has at most 128 characters: it folds to its lower case. */
export const foldedId = (id: AccountId): FoldedName => id.toLowerCase();

export const nameKey = (name: FoldedName): Key<AccountNameRecord> =>
  keyOf(ACCOUNT_NAMES, `name:${name}`);

/** What a directory's entry is found again by, whatever it is called by then. */
export const directoryIdKey = (directoryId: string): Key<AccountNameRecord> =>
  keyOf(ACCOUNT_NAMES, `directory:${directoryId}`);

export const nameWrite = (key: Key<AccountNameRecord>, account: AccountId): Write =>
  put(key, { version: 1, account });

export const removeName = (name: FoldedName): Write => remove(nameKey(name));

/**
 * Whom a password or a code is tried for that is nobody's: no account is called so, and its counts,
 * work and audit entry are as for any other name (`server/tokens/shadows.ts`).
 */
export function standInFor(user: string): AccountId {
  const name = createHash('sha256')
    .update(foldName(user) ?? user)
    .digest('hex')
    .slice(0, 32);
  return `unknown.${name}` as AccountId;
}
