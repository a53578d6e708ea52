import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, Code } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { issuedCodesKey } from '../accounts/issued-codes.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type Decision, replyOnly, type Store } from '../store/port.ts';
import { requireAble } from './changing.ts';
import { drawCode } from './code.ts';
import type { PhoneDelivery } from './delivery.ts';
import { type IssueKeys, issueCode, phoneDetails } from './issue.ts';
import { messageText } from './message.ts';
import type { PhoneObserver } from './observer.ts';
import type { AddedPhone, SentCode } from './port.ts';
import { NO_PHONES, type Phone, type PhonesRecord, phonesKey } from './record.ts';
import type { PhoneRight, RightsParts } from './rights.ts';
import { type SendingLimits, spendingCounts } from './spending.ts';

/** What every command on phones is carried out with. */
export interface PhonesParts extends RightsParts {
  readonly store: Pick<Store, 'transact'>;
  readonly delivery: PhoneDelivery;
  readonly limits: SendingLimits;
  /** Undefined: every country's numbers are taken. */
  readonly countries: readonly string[] | undefined;
  readonly keys: PhoneKeys;
  readonly rng: Pick<Rng, 'bytes'>;
  /** Default: nobody is told. */
  readonly onRefused?: PhoneObserver['refused'] | undefined;
}

export interface PhoneKeys extends IssueKeys {
  /** Spreads numbers and addresses over what they are counted in. */
  readonly spending: Uint8Array;
}

export const readPhones = (
  account: AccountId,
  { store }: Pick<PhonesParts, 'store'>,
): Promise<PhonesRecord> =>
  store.transact([phonesKey(account)], ([record]) => replyOnly(record ?? NO_PHONES));

/** @throws FobtwinError `phoneUnusable`, `unavailable` */
export function requireReachable(
  phone: Pick<Phone, 'country' | 'kind'>,
  { countries, delivery }: Pick<PhonesParts, 'countries' | 'delivery'>,
): void {
  if (countries?.includes(phone.country) === false) {
    throw new FobtwinError('phoneUnusable', 'No codes are sent to phones of this country.', {
      nextStep: 'Use the number of another country, or ask whoever looks after this server.',
    });
  }
  if (delivery.canReach(phone)) return;
  throw new FobtwinError('unavailable', 'No gateway is set up that reaches this phone.', {
    nextStep: 'Ask whoever looks after this server: gateways stand in the file of --phones.',
  });
}

/** A command that ends in a code for one phone. */
export interface Giving {
  readonly account: AccountId;
  readonly to: Pick<Phone, 'number' | 'country'>;
  /** As in `NewPhone`. */
  readonly source: string | undefined;
  /** To sign in by: what entitles to it. Undefined: the code proves the number and no more. */
  readonly right: PhoneRight | undefined;
  /** The phone, and the list with it, as the records stand; throws where it may not be. */
  place(
    phones: PhonesRecord,
    account: AccountRecord,
  ): { readonly phones: PhonesRecord; readonly phone: Phone };
  /** What the audit log is told of it. */
  entry(phone: Phone, sent: SentCode): Pick<AuditDraft, 'action' | 'details'>;
}

/**
 * Decides on a code, and brings it to the phone once it is durable.
 *
 * @throws FobtwinError `notFound`, `notAllowedNow`, `tooManyRequests`, `unavailable`; as `place`
 */
export async function giveOutCode(
  giving: Giving,
  caller: Caller,
  parts: PhonesParts,
): Promise<AddedPhone> {
  const { account, to, source, right } = giving;
  const { store, limits, keys, rng, onRefused } = parts;
  const code = drawCode(rng);
  const counts = spendingCounts({ ...to, source }, keys.spending);
  const needed = [
    phonesKey(account),
    accountKey(account),
    issuedCodesKey(account),
    ...counts.map(({ key }) => key),
  ] as const;
  const given = await store.transact(
    needed,
    ([found = NO_PHONES, record, issued, ...spent]): Decision<AddedPhone> => {
      requireAble(record);
      const { phones, phone } = giving.place(found, record);
      const issue = { account, phone, code, now: caller.now, right };
      const records = { phones, issued, counts, spent };
      const { writes, sent } = issueCode(issue, records, { limits, keys, onRefused });
      const { action, details } = giving.entry(phone, sent);
      const draft = draftOf(caller, action, { account, details });
      return { writes, auditDrafts: [draft], reply: { phone, sent } };
    },
  );
  await deliverCode({ account, code, ...given }, parts, caller);
  return given;
}

/** A code that has been decided on, and is durable. */
interface Outgoing extends AddedPhone {
  readonly account: AccountId;
  readonly code: Code;
}

const MESSAGE_ID_BYTES = 16;

/**
 * Brings the code to the phone. Where that fails the code stays one all the same: a gateway that
 * did not answer may have sent it.
 *
 * @throws FobtwinError `unavailable` when no gateway took it, which is recorded
 */
async function deliverCode(
  { account, phone, code, sent }: Outgoing,
  { delivery, rng, store }: PhonesParts,
  caller: Caller,
): Promise<void> {
  const { number, country, kind } = phone;
  try {
    await delivery.deliver({
      id: Buffer.from(rng.bytes(MESSAGE_ID_BYTES)).toString('hex'),
      number,
      country,
      kind,
      text: messageText(code, sent.purpose, kind),
    });
  } catch (error) {
    const details = { ...phoneDetails(phone), purpose: sent.purpose };
    const draft = draftOf(caller, 'failPhoneDelivery', { account, details });
    await store.transact([phonesKey(account)], () => ({
      writes: [],
      auditDrafts: [draft],
      reply: undefined,
    }));
    throw error;
  }
}
