import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import { withoutDirectionSigns } from '../../shared/text-direction.ts';
import type { AccountRecord } from '../accounts/record.ts';

/**
 * Whether two spellings are one name: case, white space and the composition of letters do not
 * matter (`ZOË  Groß`, `Zoë Gross`), nor signs that turn the text, which no
 * page shows and nobody can give; everything else does. Nothing is guessed: accents, order,
 * middle names and initials are part of a name.
 */
export const isSameName = (a: string, b: string): boolean => spelled(a) === spelled(b);

/** Upper case, as in a passport's zone for machines; composed again, since case may decompose. */
const spelled = (name: string): string =>
  withoutDirectionSigns(name)
    .normalize('NFC')
    .toUpperCase()
    .normalize('NFC')
    .trim()
    .replace(/\s+/gu, ' ');

/**
 * "Make sure that the name in your account matches your legal name" (seeds 001, 003).
 *
 * @returns the account's own spelling
 * @throws FobtwinError `nameMismatch`, also where the account has no legal name
 */
export function requireName(
  { legalName }: Pick<AccountRecord, 'legalName'>,
  given: string,
): string {
  if (legalName === undefined) {
    throw new FobtwinError('nameMismatch', 'The account has no legal name yet.', {
      nextStep: "Have the account's legal name set as it stands in the passport, then confirm it.",
    });
  }
  if (isSameName(legalName, given)) return legalName;
  throw new FobtwinError('nameMismatch', "This is not the legal name in the account's profile.", {
    nextStep: "Give the name as in the passport; have the account's name put right if it differs.",
  });
}

/** @throws FobtwinError `invalidInput`, field `/country`, where the account has another */
export function requireCountry({ country }: Pick<AccountRecord, 'country'>, given: string): void {
  if (country === undefined || country === given) return;
  throw invalidInput(
    '/country',
    'notAllowed',
    "This is not the country in the account's profile.",
    {
      nextStep: "Choose the account's own country, or have it put right first.",
    },
  );
}
