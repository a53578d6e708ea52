import { FobtwinError } from '../../shared/errors.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { refuseForStaff } from '../access/staff.ts';
import { issuedCodesKey } from '../accounts/issued-codes.ts';
import { accountKey } from '../accounts/record.ts';
import type { Decision } from '../store/port.ts';
import { countryMismatch, isProved, noPhones, requireAble, requireMayChange } from './changing.ts';
import { drawCode, drawPhoneId } from './code.ts';
import { deliverCode, type PhonesParts, requireReachable } from './deciding.ts';
import { issueCode, phoneDetails } from './issue.ts';
import { parseNumber } from './number.ts';
import type { NewPhone, SentCode } from './port.ts';
import { NO_PHONES, PHONES_MAX, type Phone, type PhonesRecord, phonesKey } from './record.ts';
import { admits, type PhoneRight, readRights } from './rights.ts';
import { spendingCounts } from './spending.ts';

export interface Added {
  readonly phone: Phone;
  readonly sent: SentCode;
}

/** As `PhoneService.add`. */
export async function addPhone(
  { account, number: text, country: chosen, kind, source }: NewPhone,
  caller: Caller,
  parts: PhonesParts,
): Promise<Added> {
  const { store, limits, keys, rng } = parts;
  const { now } = caller;
  const { number, country } = parseNumber(text, chosen, kind);
  const rights = await readRights(account, now, parts);
  requireRight(rights, country);
  requireReachable({ country, kind }, parts);
  const code = drawCode(rng);
  const fresh: Phone = { id: drawPhoneId(rng), number, country, kind, addedAt: now };
  const counts = spendingCounts({ number, country, source }, keys.spending);
  const needed = [
    phonesKey(account),
    accountKey(account),
    issuedCodesKey(account),
    ...counts.map(({ key }) => key),
  ] as const;
  const added = await store.transact(
    needed,
    ([found = NO_PHONES, record, issued, ...spent]): Decision<Added> => {
      requireAble(record);
      if (record !== undefined) refuseForStaff(record, caller, ['phones:admin']);
      requireMayChange(account, found, rights, caller);
      const { phones, phone } = placed(fresh, found, rights);
      const issue = { account, phone, code, now, right: undefined };
      const { writes, sent } = issueCode(
        issue,
        { phones, issued, counts, spent },
        { limits, keys },
      );
      const draft = draftOf(caller, 'addPhone', { account, details: phoneDetails(phone) });
      return { writes, auditDrafts: [draft], reply: { phone, sent } };
    },
  );
  await deliverCode({ account, code, ...added }, parts, caller);
  return added;
}

function requireRight(rights: readonly PhoneRight[], country: string): void {
  if (rights.length === 0) throw noPhones();
  if (!rights.some((right) => admits(right, country))) throw countryMismatch(rights);
}

/**
 * The list with the number in it. One that is proved already may register a Phone OTP that waits
 * for its first; else it is there once.
 */
function placed(
  fresh: Phone,
  record: PhonesRecord,
  rights: readonly PhoneRight[],
): { readonly phones: PhonesRecord; readonly phone: Phone } {
  const present = record.phones.find(({ number }) => number === fresh.number);
  if (present === undefined) {
    if (record.phones.length >= PHONES_MAX) throw full();
    return { phones: { ...record, phones: [...record.phones, fresh] }, phone: fresh };
  }
  const registers = rights.some(
    (right) => right.state === 'waiting' && admits(right, present.country),
  );
  if (isProved(present) && registers) return { phones: record, phone: present };
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
