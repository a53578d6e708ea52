import { FobtwinError } from '../../shared/errors.ts';
import type { Rng } from '../../shared/rng.ts';
import type { AccountId, Code } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { replyOnly, type Store } from '../store/port.ts';
import type { PhoneDelivery } from './delivery.ts';
import { type IssueKeys, phoneDetails } from './issue.ts';
import { messageText } from './message.ts';
import type { SentCode } from './port.ts';
import { NO_PHONES, type Phone, type PhonesRecord, phonesKey } from './record.ts';
import type { RightsParts } from './rights.ts';
import type { SendingLimits } from './spending.ts';

/** What every command on phones is carried out with. */
export interface PhonesParts extends RightsParts {
  readonly store: Pick<Store, 'transact'>;
  readonly delivery: PhoneDelivery;
  readonly limits: SendingLimits;
  /** Undefined: every country's numbers are taken. */
  readonly countries: readonly string[] | undefined;
  readonly keys: PhoneKeys;
  readonly rng: Pick<Rng, 'bytes'>;
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

/** A code that has been decided on, and is durable. */
export interface Outgoing {
  readonly account: AccountId;
  readonly phone: Phone;
  readonly code: Code;
  readonly sent: SentCode;
}

const MESSAGE_ID_BYTES = 16;

/**
 * Brings the code to the phone. Where that fails the code stays one all the same: a gateway that
 * did not answer may have sent it.
 *
 * @throws FobtwinError `unavailable` when no gateway took it, which is recorded
 */
export async function deliverCode(
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
