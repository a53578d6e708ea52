import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, PhoneId, UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { type IssuedCodesRecord, issuedCodesKey } from '../accounts/issued-codes.ts';
import { type Decision, put, type Write } from '../store/port.ts';
import { isProved, phoneIn, requireMayChange } from './changing.ts';
import { type PhonesParts, readPhones } from './deciding.ts';
import { phoneDetails } from './issue.ts';
import type { PhoneCommand } from './port.ts';
import {
  EARLIER_PHONES_MAX,
  NO_PHONES,
  type Phone,
  type PhonesRecord,
  phonesKey,
} from './record.ts';
import { isKnownTo, type PhoneRight, readRights } from './rights.ts';

/** As `PhoneService.remove`. A code that was sent to the number goes with it. */
export async function removePhone(
  { account, phone: id }: PhoneCommand,
  caller: Caller,
  parts: PhonesParts,
): Promise<readonly Phone[]> {
  phoneIn(await readPhones(account, parts), id);
  const rights = await readRights(account, caller.now, parts);
  return parts.store.transact(
    [phonesKey(account), issuedCodesKey(account)],
    ([record = NO_PHONES, issued]): Decision<readonly Phone[]> => {
      const phone = phoneIn(record, id);
      requireMayChange(account, record, rights, caller);
      requireAnother(phone, record, rights);
      const after = without(phone, record, {
        now: caller.now,
        byKnown: isByKnown(account, rights, caller),
      });
      return {
        writes: [put(phonesKey(account), after), ...codeWrites(account, id, issued)],
        auditDrafts: [draftOf(caller, 'removePhone', { account, details: phoneDetails(phone) })],
        reply: after.phones,
      };
    },
  );
}

/** A Phone OTP without a number could be signed in with by nothing, and given one by nobody. */
function requireAnother(
  phone: Phone,
  { phones }: PhonesRecord,
  rights: readonly PhoneRight[],
): void {
  const isLast = isProved(phone) && !phones.some((each) => each !== phone && isProved(each));
  if (!isLast || !rights.some(({ state }) => state === 'active')) return;
  throw new FobtwinError('notAllowedNow', 'This is the last number of the Phone OTP.', {
    nextStep: 'Add another one first, and enter the code that is sent to it.',
  });
}

/** Whoever may change the numbers of another account is staff. */
const isByKnown = (account: AccountId, rights: readonly PhoneRight[], caller: Caller): boolean =>
  caller.principal.account !== account ||
  rights.some((right) => right.lendsProofing && isKnownTo(right, caller));

function without(
  phone: Phone,
  record: PhonesRecord,
  { now, byKnown }: { readonly now: UnixMillis; readonly byKnown: boolean },
): PhonesRecord {
  const { number, verifiedAt } = phone;
  const removed = { number, removedAt: now, ...(byKnown ? { byKnown } : {}) };
  const gone = verifiedAt === undefined ? [] : [{ ...removed, verifiedAt }];
  return {
    ...record,
    phones: record.phones.filter((each) => each !== phone),
    pending: record.pending?.filter((each) => each.phone !== phone.id) ?? [],
    earlier: [...record.earlier, ...gone].slice(-EARLIER_PHONES_MAX),
  };
}

function codeWrites(
  account: AccountId,
  id: PhoneId,
  issued: IssuedCodesRecord | undefined,
): Write[] {
  if (issued?.phone?.phone !== id) return [];
  const { phone: _, ...rest } = issued;
  return [put(issuedCodesKey(account), rest)];
}
