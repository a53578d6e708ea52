import { type AccountId, isAtLeast } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { vouchesForAll } from '../credentials/vouching.ts';
import { isProved } from './changing.ts';
import type { Phone, Vouching } from './record.ts';
import { admits, isKnownTo, type PhoneRight, signsIn } from './rights.ts';

/**
 * Whose number it is, pure. Whoever has stolen a password can buy a Phone OTP and confirm the own
 * number by it, long before a proofed token is there that brings phones along. So a bonus lends its
 * proofing to numbers that somebody has vouched for, and to no others; a Phone OTP's own proofing
 * goes to all that it sends codes to.
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
  if (principal.account !== account || !isAtLeast(strength, 'phoneOtp')) return undefined;
  if (vouchesForAll(caller)) return { at: now };
  const own = rights.find((right) => right.state === 'bonus' && isKnownTo(right, caller));
  return own?.credential === undefined ? undefined : { at: now, only: own.credential };
}

/** The very phone where there is nothing to add. */
export function withVouching(phone: Phone, vouched: Vouching | undefined): Phone {
  const isForAll = phone.vouched !== undefined && phone.vouched.only === undefined;
  return vouched === undefined || isForAll ? phone : { ...phone, vouched };
}

/** Whether sign-ins by codes to it say who the person of this right is. */
export const isVouchedFor = (
  { vouched }: Pick<Phone, 'vouched'>,
  { state, credential }: PhoneRight,
): boolean =>
  state !== 'bonus' ||
  (vouched !== undefined && (vouched.only === undefined || vouched.only === credential));

/**
 * As they are for codes to this one number, the best first. A bonus that would lend its proofing to
 * another comes last, without it.
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
