import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, PhoneId } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { issuedCodesKey } from '../accounts/issued-codes.ts';
import { accountKey } from '../accounts/record.ts';
import type { Decision } from '../store/port.ts';
import {
  countryMismatch,
  isProved,
  noPhones,
  phoneIn,
  requireAble,
  requireMayChange,
} from './changing.ts';
import { drawCode } from './code.ts';
import {
  deliverCode,
  type Outgoing,
  type PhonesParts,
  readPhones,
  requireReachable,
} from './deciding.ts';
import { issueCode, phoneDetails } from './issue.ts';
import type { SentCode } from './port.ts';
import { NO_PHONES, type Phone, phonesKey } from './record.ts';
import { admits, type PhoneRight, readRights, signsIn } from './rights.ts';
import { spendingCounts } from './spending.ts';

export interface SendCommand {
  readonly account: AccountId;
  readonly phone: PhoneId;
  readonly source?: string | undefined;
}

/** As `PhoneService.send`. */
export async function sendCode(
  { account, phone: id, source }: SendCommand,
  caller: Caller,
  parts: PhonesParts,
): Promise<SentCode> {
  const { store, limits, keys, rng } = parts;
  const { now } = caller;
  const known = phoneIn(await readPhones(account, parts), id);
  const rights = await readRights(account, now, parts);
  const right = isProved(known) ? rightToSignIn(rights, known) : undefined;
  requireReachable(known, parts);
  const code = drawCode(rng);
  const counts = spendingCounts({ ...known, source }, keys.spending);
  const needed = [
    phonesKey(account),
    accountKey(account),
    issuedCodesKey(account),
    ...counts.map(({ key }) => key),
  ] as const;
  const outgoing = await store.transact(
    needed,
    ([phones = NO_PHONES, record, issued, ...spent]): Decision<Outgoing> => {
      requireAble(record);
      const phone = phoneIn(phones, id);
      if (right === undefined) requireMayProve({ account, phones, rights }, caller);
      const issue = { account, phone, code, now, right };
      const { writes, sent } = issueCode(
        issue,
        { phones, issued, counts, spent },
        { limits, keys },
      );
      const details = { ...phoneDetails(phone), purpose: sent.purpose };
      const draft = draftOf(caller, 'sendPhoneCode', { account, details });
      return { writes, auditDrafts: [draft], reply: { account, phone, code, sent } };
    },
  );
  await deliverCode(outgoing, parts, caller);
  return outgoing.sent;
}

/** What a code of the number would be signed in with. @throws FobtwinError where nothing would */
export function rightToSignIn(rights: readonly PhoneRight[], { country }: Phone): PhoneRight {
  const signing = rights.filter(signsIn);
  const right = signing.find((each) => admits(each, country));
  if (right !== undefined) return right;
  throw signing.length === 0 ? noPhones() : countryMismatch(signing);
}

/** A code that proves a number is part of adding it: an application that signs in adds none. */
function requireMayProve(
  {
    account,
    phones,
    rights,
  }: { account: AccountId } & {
    readonly phones: Parameters<typeof requireMayChange>[1];
    readonly rights: readonly PhoneRight[];
  },
  caller: Caller,
): void {
  const { principal } = caller;
  const isOther = principal.account !== account && !principal.scopes.has('phones:admin');
  if (isOther) {
    throw new FobtwinError('notAllowedNow', 'This number has not been proved yet.', {
      nextStep: 'Its owner enters the code that was sent to it when it was added.',
    });
  }
  requireMayChange(account, phones, rights, caller);
}

/** Whether a code to sign in with can be sent to it at all. */
export const isUsable = (phone: Phone, rights: readonly PhoneRight[]): boolean =>
  isProved(phone) && rights.some((right) => signsIn(right) && admits(right, phone.country));
