import { FobtwinError } from '../../shared/errors.ts';
import { type AccountId, isAtLeast, type Strength } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { maskNumber } from './number.ts';
import type { PhoneService } from './port.ts';
import type { Phone } from './record.ts';

/**
 * Codes by phone within a sign-in, whatever its protocol: for whoever has no token, and for whoever
 * asks for one.
 */

/** What is answered to a challenge for another code on the phone; nobody types it for a code. */
export const asksForCode = (given: string): boolean => /^\s*(resend)?\s*$/i.test(given);

/**
 * The first number that a code can be sent to; none where such a code proves too little.
 *
 * @param requiredStrength default: any will do
 */
export async function phoneToSendTo(
  account: AccountId,
  {
    now,
    requiredStrength = 'password',
  }: Pick<Caller, 'now'> & { readonly requiredStrength?: Strength | undefined },
  phones: Pick<PhoneService, 'usable'>,
): Promise<Phone | undefined> {
  if (!isAtLeast('phoneOtp', requiredStrength)) return undefined;
  const [first] = await phones.usable(account, now);
  return first;
}

export interface Sending {
  readonly account: AccountId;
  /** Where the person is, for the limit by source; undefined: not counted. */
  readonly source: string | undefined;
}

/**
 * Sends one, and says so; undefined where there is no phone to send it to. What cannot be sent now
 * is told in words, and the code of a moment ago, or of a token, may still be entered.
 */
export async function sendSignInCode(
  { account, source }: Sending,
  caller: Caller,
  phones: Pick<PhoneService, 'usable' | 'send'>,
): Promise<string | undefined> {
  const { now, principal } = caller;
  const { requiredStrength } = principal;
  const phone = await phoneToSendTo(account, { now, requiredStrength }, phones);
  if (phone === undefined) return undefined;
  try {
    await phones.send({ account, phone: phone.id, source }, caller);
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    return [error.message, error.nextStep].filter((line) => line !== undefined).join(' ');
  }
  return `A code is on its way to ${maskNumber(phone.number)}. It is valid for two minutes.`;
}
