import { type AccountId, isAtLeast, type UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { type CredentialRecord, lendsProofing } from '../credentials/record.ts';
import { isProofedIn, vouchesForAll } from '../credentials/vouching.ts';
import { isProved } from './changing.ts';
import type { EarlierPhone, Phone, PhonesRecord, Vouching } from './record.ts';
import { admits, isKnownTo, type PhoneRight, signsIn } from './rights.ts';

/**
 * Whose number it is, pure. Whoever has stolen a password can buy a Phone OTP and confirm the own
 * number by it, long before something proofed is there. So a credential lends its proofing to
 * numbers that somebody known to it has vouched for, and to no others. A Phone OTP's first is such
 * a number: it is registered with it as a token is with its credential.
 */

/** Of whoever may change anybody's numbers, and adds one to another's account. */
export const staffVouching = (
  account: AccountId,
  { principal, now }: Caller,
): Vouching | undefined =>
  principal.account !== account && principal.scopes.has('phones:admin') ? { at: now } : undefined;

/** Of a person to whom the code came back, and who has signed in by more than what was bought. */
export function ownVouching(
  account: AccountId,
  rights: readonly PhoneRight[],
  caller: Caller,
): Vouching | undefined {
  const { principal, now } = caller;
  const { strength = 'password' } = principal;
  if (principal.account !== account) return undefined;
  const isByCode = isAtLeast(strength, 'phoneOtp');
  if (isByCode && vouchesForAll(caller)) return { at: now };
  const isKnown = isByCode ? isKnownTo : isProofedIn;
  const own = rights.find((right) => isKnown(right, caller));
  return own?.credential === undefined ? undefined : { at: now, only: own.credential };
}

/**
 * Of the number that a Phone OTP is registered with. Before a proofed one was there, anybody may
 * have proved others: then that alone is no word of its person's; and what a first number is sent
 * is. None is made the first by removing the others after the proofing, which a thief may do as
 * long as nothing lends its proofing to them.
 *
 * @param record as it was before
 * @param vouched what is said of the number besides
 */
export function registeringVouching(
  { id, proofing, replacement }: CredentialRecord,
  { phones, earlier }: Pick<PhonesRecord, 'phones' | 'earlier'>,
  vouched: Vouching | undefined,
  at: UnixMillis,
): Vouching | undefined {
  if (vouched !== undefined && vouched.only === undefined) return vouched;
  const own: Vouching = { at, only: id };
  if (!lendsProofing({ proofing, replacement })) return vouched ?? own;
  const proofedAt = proofing?.state === 'passed' ? proofing.at : 0;
  const isTaken = ({ removedAt, byKnown }: EarlierPhone) => removedAt >= proofedAt && !byKnown;
  return phones.some(isProved) || earlier.some(isTaken) ? vouched : own;
}

/** The very phone where there is nothing to add. */
export function withVouching(phone: Phone, vouched: Vouching | undefined): Phone {
  const isForAll = phone.vouched !== undefined && phone.vouched.only === undefined;
  return vouched === undefined || isForAll ? phone : { ...phone, vouched };
}

/** Whether sign-ins by codes to it say who the person of this right is. */
export const isVouchedFor = (
  { vouched }: Pick<Phone, 'vouched'>,
  { credential }: PhoneRight,
): boolean => vouched !== undefined && (vouched.only ?? credential) === credential;

/**
 * As they are for codes to this one number, the best first. What would lend its proofing to another
 * comes last, without it.
 */
export function rightsFor(phone: Phone, rights: readonly PhoneRight[]): readonly PhoneRight[] {
  const isWhole = (right: PhoneRight) => !right.lendsProofing || isVouchedFor(phone, right);
  const bare = rights
    .filter((right) => !isWhole(right))
    .map((right) => ({ ...right, proofed: false, lendsProofing: false }));
  return [...rights.filter(isWhole), ...bare];
}

/** Whether codes to another number would be lent what codes to this one are not. */
export function isUncounted(phone: Phone, rights: readonly PhoneRight[]): boolean {
  const lends = (right: PhoneRight) =>
    signsIn(right) && right.lendsProofing && admits(right, phone.country);
  return isProved(phone) && rights.some(lends) && !rightsFor(phone, rights).some(lends);
}

/** Whether that mends it. */
export const wouldCount = (
  phone: Phone,
  rights: readonly PhoneRight[],
  vouched: Vouching | undefined,
): boolean => isUncounted(phone, rights) && !isUncounted(withVouching(phone, vouched), rights);
