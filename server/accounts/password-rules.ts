import { type FieldErrorCode, invalidInput } from '../../shared/errors.ts';
import { isBreached } from './breached.ts';
import { foldName } from './names.ts';
import { PASSWORD_CHARACTERS_MAX } from './passwords-port.ts';
import type { AccountRecord } from './record.ts';

/**
 * What a password may be: NIST SP 800-63B-4 section 3.1.1.2. A length, no rule of composition, and
 * none of those that were found in breaches or that name the person.
 */

/** Least length. NIST's 8 holds for a password that is one of two factors; alone it asks for 15. */
const PASSWORD_CHARACTERS_MIN = 8;

/**
 * NFKC, as NIST asks for, and no control characters (RFC 8265 section 4.2, OpaqueString): what one
 * keyboard sends as another's compatible sign is one password. Case stays.
 *
 * @returns `undefined` for what can be no password: empty, too long, or with control characters
 */
export function preparePassword(text: string): string | undefined {
  if (text.length > 2 * PASSWORD_CHARACTERS_MAX) return undefined;
  const prepared = text.normalize('NFKC').replace(/\p{Zs}/gu, ' ');
  const isFit = prepared !== '' && charactersOf(prepared) <= PASSWORD_CHARACTERS_MAX;
  return isFit && !/[\p{Cc}\p{Cs}]/u.test(prepared) ? prepared : undefined;
}

/** NIST: each code point counts as one character. */
const charactersOf = (text: string): number => [...text].length;

/**
 * A new password, prepared.
 *
 * @throws FobtwinError `invalidInput` for `/password`: `tooShort`, `tooLong`, `badFormat`,
 * `breached`, or `notAllowed` when it is the person's own name
 */
export async function acceptNewPassword(text: string, account: AccountRecord): Promise<string> {
  const prepared = preparePassword(text);
  if (prepared === undefined) {
    const isLong = charactersOf(text) > PASSWORD_CHARACTERS_MAX;
    if (text === '') throw refuse('tooShort');
    throw refuse(isLong ? 'tooLong' : 'badFormat');
  }
  if (charactersOf(prepared) < PASSWORD_CHARACTERS_MIN) throw refuse('tooShort');
  if (await isBreached(prepared)) throw refuse('breached');
  if (isOwnName(prepared, account)) throw refuse('notAllowed');
  return prepared;
}

type Refused = Extract<
  FieldErrorCode,
  'tooShort' | 'tooLong' | 'badFormat' | 'breached' | 'notAllowed'
>;

const REASONS: Readonly<Record<Refused, string>> = {
  tooShort: `The password has fewer than ${PASSWORD_CHARACTERS_MIN} characters.`,
  tooLong: `The password has more than ${PASSWORD_CHARACTERS_MAX} characters.`,
  badFormat: 'The password has characters that nobody can type, such as a tab or a newline.',
  breached: 'The password is one of those that everybody tries first.',
  notAllowed: 'The password is the name, e-mail address or organisation of its own account.',
};

const refuse = (code: Refused) =>
  invalidInput('/password', code, REASONS[code], {
    nextStep:
      `Choose another of ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters, ` +
      'such as several words.',
  });

/** What stands in the account's own fields, however it is written, digits at its end left aside. */
function isOwnName(password: string, account: AccountRecord): boolean {
  const { id, name, legalName, organisation, email, otherNames = [] } = account;
  const own = [id, name, legalName, organisation, email, email?.split('@', 1)[0], ...otherNames];
  const bare = bareOf(password);
  return own.some((text) => text !== undefined && bare !== '' && bareOf(text) === bare);
}

/** Letters and digits alone, folded, without the digits that people add. */
function bareOf(text: string): string {
  const letters = (foldName(text) ?? '').replace(/[^\p{L}\p{N}]/gu, '');
  return letters.replace(/\p{N}+$/u, '') || letters;
}
