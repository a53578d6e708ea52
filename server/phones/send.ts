import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { countryMismatch, isProved, noPhones, phoneIn, requireMayChange } from './changing.ts';
import { giveOutCode, type PhonesParts, readPhones, requireReachable } from './deciding.ts';
import { phoneDetails } from './issue.ts';
import type { SendCommand, SentCode } from './port.ts';
import type { Phone, PhonesRecord, Vouching } from './record.ts';
import { admits, type PhoneRight, readRights, signsIn } from './rights.ts';
import { isUncounted, ownVouching, rightsFor, wouldCount } from './vouched.ts';

/** As `PhoneService.send`. */
export async function sendCode(
  { account, phone: id, purpose, source }: SendCommand,
  caller: Caller,
  parts: PhonesParts,
): Promise<SentCode> {
  const known = phoneIn(await readPhones(account, parts), id);
  const rights = await readRights(account, caller.now, parts);
  const signs = isProved(known) && purpose !== 'verification';
  const right = signs ? rightToSignIn(rights, known) : undefined;
  requireReachable(known, parts);
  const { sent } = await giveOutCode(
    {
      account,
      to: known,
      source,
      right,
      place(phones) {
        const phone = phoneIn(phones, id);
        if (right === undefined) {
          requireMayProve(account, phones, rights, caller);
          if (isProved(phone)) requireUse(phone, rights, ownVouching(account, rights, caller));
        }
        return { phones, phone };
      },
      entry: (phone, sent) => ({
        action: 'sendPhoneCode',
        details: { ...phoneDetails(phone), purpose: sent.purpose },
      }),
    },
    caller,
    parts,
  );
  return sent;
}

/** What a code of the number would be signed in with. @throws FobtwinError where nothing would */
function rightToSignIn(rights: readonly PhoneRight[], phone: Phone): PhoneRight {
  const signing = rightsFor(phone, rights).filter(signsIn);
  const right = signing.find((each) => admits(each, phone.country));
  if (right !== undefined) return right;
  throw signing.length === 0 ? noPhones() : countryMismatch(signing);
}

/** A code that proves a number is part of adding it: an application that signs in adds none. */
function requireMayProve(
  account: AccountId,
  phones: PhonesRecord,
  rights: readonly PhoneRight[],
  caller: Caller,
): void {
  const { principal } = caller;
  if (principal.account !== account && !principal.scopes.has('phones:admin')) {
    throw new FobtwinError('notAllowedNow', 'This number has not been proved yet.', {
      nextStep: 'Its owner enters the code that was sent to it when it was added.',
    });
  }
  requireMayChange(account, phones, rights, caller);
}

/** One that is proved is confirmed again to count as proofed, and for nothing else. */
function requireUse(
  phone: Phone,
  rights: readonly PhoneRight[],
  vouched: Vouching | undefined,
): void {
  if (wouldCount(phone, rights, vouched)) return;
  throw new FobtwinError('exists', 'This number is confirmed already.', {
    nextStep: isUncounted(phone, rights)
      ? 'Sign in with what is proofed to have it count, or have the helpdesk add it again.'
      : 'It can be signed in with: nothing is to be done.',
  });
}

/** Whether a code to sign in with can be sent to it at all. */
export const isUsable = (phone: Phone, rights: readonly PhoneRight[]): boolean =>
  isProved(phone) && rights.some((right) => signsIn(right) && admits(right, phone.country));
