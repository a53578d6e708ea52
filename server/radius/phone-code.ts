import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { maskNumber } from '../phones/number.ts';
import type { PhoneService } from '../phones/port.ts';
import type { Phone } from '../phones/record.ts';

/** Codes by phone within a sign-in: for whoever has no token, and for whoever asks for one. */

/** What is answered to a challenge for another code on the phone; nobody types it for a code. */
export const asksForCode = (given: string): boolean => /^\s*(resend)?\s*$/i.test(given);

export interface Sending {
  readonly account: AccountId;
  readonly phone: Phone;
  /** For the limit by source. */
  readonly source: string;
}

/**
 * Sends one, and says so. What cannot be sent now is told in words, and the code of a moment ago,
 * or of a token, may still be entered.
 */
export async function sendCodeTo(
  { account, phone, source }: Sending,
  caller: Caller,
  phones: Pick<PhoneService, 'send'>,
): Promise<string> {
  try {
    await phones.send({ account, phone: phone.id, source }, caller);
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    return [error.message, error.nextStep].filter((line) => line !== undefined).join(' ');
  }
  return `A code is on its way to ${maskNumber(phone.number)}. It is valid for two minutes.`;
}
