import { FobtwinError } from '../../shared/errors.ts';
import type { Caller } from '../access/scopes.ts';
import { refuseForStaff } from '../access/staff.ts';
import { countryMismatch, isProved, noPhones, requireMayChange } from './changing.ts';
import { drawPhoneId } from './code.ts';
import { giveOutCode, type PhonesParts, requireReachable } from './deciding.ts';
import { phoneDetails } from './issue.ts';
import { parseNumber } from './number.ts';
import type { AddedPhone, NewPhone } from './port.ts';
import { PHONES_MAX, type Phone, type PhonesRecord, type Vouching } from './record.ts';
import { admits, type PhoneRight, readRights } from './rights.ts';
import { ownVouching, staffVouching, withVouching, wouldCount } from './vouched.ts';

/** As `PhoneService.add`. */
export async function addPhone(
  { account, number: text, country: chosen, kind, source }: NewPhone,
  caller: Caller,
  parts: PhonesParts,
): Promise<AddedPhone> {
  const { now } = caller;
  const { number, country } = parseNumber(text, chosen, kind);
  const rights = await readRights(account, now, parts);
  requireRight(rights, country);
  requireReachable({ country, kind }, parts);
  const vouched = staffVouching(account, caller);
  const fresh: Phone = {
    id: drawPhoneId(parts.rng),
    number,
    country,
    kind,
    addedAt: now,
    ...(vouched === undefined ? {} : { vouched }),
  };
  return giveOutCode(
    {
      account,
      to: fresh,
      source,
      right: undefined,
      place(phones, record) {
        refuseForStaff(record, caller, ['phones:admin']);
        requireMayChange(account, phones, rights, caller);
        return placed(fresh, phones, rights, vouched ?? ownVouching(account, rights, caller));
      },
      entry: (phone) => ({ action: 'addPhone', details: phoneDetails(phone) }),
    },
    caller,
    parts,
  );
}

function requireRight(rights: readonly PhoneRight[], country: string): void {
  if (rights.length === 0) throw noPhones();
  if (!rights.some((right) => admits(right, country))) throw countryMismatch(rights);
}

/**
 * The list with the number in it. One that is proved already may register a Phone OTP that waits
 * for its first, or be confirmed again by somebody who makes it count; else it is there once. Who
 * adds it for another has vouched with that, and a person once the code has come back.
 */
function placed(
  fresh: Phone,
  record: PhonesRecord,
  rights: readonly PhoneRight[],
  vouched: Vouching | undefined,
): { readonly phones: PhonesRecord; readonly phone: Phone } {
  const present = record.phones.find(({ number }) => number === fresh.number);
  if (present === undefined) {
    if (record.phones.length >= PHONES_MAX) throw full();
    return { phones: { ...record, phones: [...record.phones, fresh] }, phone: fresh };
  }
  const registers = rights.some(
    (right) => right.state === 'waiting' && admits(right, present.country),
  );
  const counts = wouldCount(present, rights, vouched);
  if (isProved(present) && (registers || counts)) {
    const phone = counts ? withVouching(present, fresh.vouched) : present;
    const phones = record.phones.map((each) => (each === present ? phone : each));
    return { phones: { ...record, phones }, phone };
  }
  throw new FobtwinError('exists', 'This number is on the list already.', {
    nextStep: isProved(present)
      ? 'It can be signed in with: nothing is to be done.'
      : 'Have a code sent to it, and enter the code.',
  });
}

const full = (): FobtwinError =>
  new FobtwinError('phonesFull', `An account has at most ${PHONES_MAX} phone numbers.`, {
    nextStep: 'Remove one of them first.',
  });
