import { FobtwinError } from '../../shared/errors.ts';
import { type AccountId, isAtLeast, type PhoneId, type Strength } from '../../shared/types.ts';
import { tooWeak } from '../access/authorise.ts';
import type { Caller } from '../access/scopes.ts';
import { type AccountRecord, isDisabled } from '../accounts/record.ts';
import { isProofedIn, notVouched } from '../credentials/vouching.ts';
import type { Phone, PhonesRecord } from './record.ts';
import { isKnownTo, type PhoneRight, signsIn } from './rights.ts';

/** Who may change an account's numbers, pure. */

/**
 * A person changes the own numbers: the first in the activation sequence, or at `hardwareToken`;
 * once one is proved, at `phoneOtp` or above (seed 003: "only after you log in with your phone
 * OTP"). Where a proofed token is there, codes of the number would be proofed too, or make its
 * person known who asks for another one: whoever has stolen a password could buy an unproofed Phone
 * OTP for that, and is asked for the token first; nor does it help to buy another token, or a
 * Mobile ID: what lends its proofing, or is proofed itself, must have been signed in with.
 * Whoever was proofed for a Phone OTP in this very sign-in is asked for no more: so no number that
 * a thief has planted locks the person out. Whoever may do so for any account is not asked for a
 * strength: it is audited.
 *
 * @throws FobtwinError `strengthTooLow`, `forbidden`
 */
export function requireMayChange(...asked: Parameters<typeof refusalToChange>): void {
  const refusal = refusalToChange(...asked);
  if (refusal !== undefined) throw refusal;
}

/** Likewise, as a value. */
export function refusalToChange(
  account: AccountId,
  { phones }: Pick<PhonesRecord, 'phones'>,
  rights: readonly PhoneRight[],
  caller: Caller,
): FobtwinError | undefined {
  const { principal } = caller;
  if (principal.account !== account) {
    if (principal.scopes.has('phones:admin')) return undefined;
    return new FobtwinError('forbidden', 'These are the phones of somebody else.');
  }
  const required = requiredStrength(phones, rights, caller);
  if (!isAtLeast(principal.strength ?? 'password', required)) return tooWeak(required);
  return required !== 'password' && !mayBorrow(rights, caller) ? notVouched() : undefined;
}

function requiredStrength(
  phones: readonly Phone[],
  rights: readonly PhoneRight[],
  caller: Caller,
): Strength {
  if (isJustProofed(rights, caller)) return 'password';
  if (phones.some(isProved)) return 'phoneOtp';
  const waiting = rights.filter(({ state }) => state === 'waiting');
  const borrowsProofing =
    rights.some(({ state, lendsProofing }) => state === 'bonus' && lendsProofing) &&
    !waiting.some(({ proofed }) => proofed);
  return waiting.length > 0 && !borrowsProofing ? 'password' : 'hardwareToken';
}

/** Whether the person was proofed for a Phone OTP in this very sign-in. */
const isJustProofed = (rights: readonly PhoneRight[], caller: Caller): boolean =>
  rights.some((right) => right.state !== 'bonus' && isProofedIn(right, caller));

/** Whether nothing lends its proofing to codes of a number, or the person is known to what does. */
function mayBorrow(rights: readonly PhoneRight[], caller: Caller): boolean {
  const lending = rights.filter((right) => signsIn(right) && right.lendsProofing);
  return lending.length === 0 || lending.some((right) => isKnownTo(right, caller));
}

export const isProved = ({ verifiedAt }: Phone): boolean => verifiedAt !== undefined;

/** @throws FobtwinError `notFound` */
export function phoneIn({ phones }: Pick<PhonesRecord, 'phones'>, id: PhoneId): Phone {
  const phone = phones.find((each) => each.id === id);
  if (phone === undefined) throw new FobtwinError('notFound', 'The account has no such phone.');
  return phone;
}

/** @throws FobtwinError `notFound`, `notAllowedNow` */
export function requireAble(account: AccountRecord | undefined): asserts account is AccountRecord {
  if (account === undefined) throw new FobtwinError('notFound', 'There is no such account.');
  if (isDisabled(account)) {
    throw new FobtwinError('notAllowedNow', 'The account is disabled.', {
      nextStep: 'Contact whoever looks after accounts.',
    });
  }
}

/** The account has no right to phones. */
export const noPhones = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'No credential of this account comes with phones.', {
    nextStep: 'Purchase Phone OTP and enter its license key, or register a hardware token.',
  });

/** It has, and not to numbers of such a country. */
export function countryMismatch(rights: readonly PhoneRight[]): FobtwinError {
  const isDomestic = rights.some(({ region }) => region === 'domestic');
  return new FobtwinError(
    'phoneCountryMismatch',
    isDomestic
      ? 'This Phone OTP is for numbers of the 50 United States and the District of Columbia.'
      : 'This Phone OTP is for numbers outside the 50 United States.',
    {
      nextStep: isDomestic
        ? 'Enter such a number, or purchase International Phone Based OTP for this one.'
        : 'Enter such a number, or purchase Phone Based OTP (US Phone Service Only) for this one.',
    },
  );
}
