import { type AccountId, CREDENTIAL_TYPES, type SubscriptionId } from '../../shared/types.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import { unknownAccount } from '../accounts/service.ts';
import { type CredentialRecord, credentialIdOf, credentialKey } from '../credentials/record.ts';
import { type Key, replyOnly, type Store } from '../store/port.ts';
import {
  SUBSCRIPTIONS,
  type SubscriptionRecord,
  subscriptionKey,
} from '../subscriptions/record.ts';
import type { Known, OfferFacts } from './offer.ts';
import type { OrderLine } from './record.ts';

/** Reads what an offer is judged by. */

type Reading = Pick<Store, 'transact' | 'scan'>;

/** An account's first so many are looked at; nobody has more. */
const HELD_MAX = 500;

/** @throws FobtwinError `notFound` for an unknown account */
export async function readFacts(
  id: AccountId,
  lines: readonly OrderLine[],
  store: Reading,
): Promise<OfferFacts> {
  const account = await readAccount(id, store);
  const named = lines.flatMap(({ subscription }) => subscription ?? []);
  const isNew = lines.some(({ subscription, recipient }) => !subscription && !recipient);
  const held = isNew ? await heldBy(id, store) : [];
  const known = await readKnown([...new Set([...named, ...held])], store);
  return {
    account,
    named: new Map(known.map((each) => [each.subscription.id, each])),
    held: known.filter(({ subscription }) => subscription.account === id),
  };
}

/** @throws FobtwinError `notFound` */
export async function readAccount(
  id: AccountId,
  store: Pick<Store, 'transact'>,
): Promise<AccountRecord> {
  const account = await store.transact([accountKey(id)], ([record]) => replyOnly(record));
  if (account === undefined) throw unknownAccount();
  return account;
}

async function heldBy(account: AccountId, store: Reading): Promise<readonly SubscriptionId[]> {
  const range = { index: 'account', value: account, limit: HELD_MAX };
  const { items } = await store.scan(SUBSCRIPTIONS, range);
  return items.map(({ id }) => id);
}

async function readKnown(
  ids: readonly SubscriptionId[],
  store: Reading,
): Promise<readonly Known[]> {
  if (ids.length === 0) return [];
  const keys: readonly Key<unknown>[] = ids.flatMap((id) => [
    subscriptionKey(id),
    ...CREDENTIAL_TYPES.map((type) => credentialKey(credentialIdOf(id, type))),
  ]);
  return store.transact(keys, (records) =>
    replyOnly(ids.flatMap((_, place) => knownAt(records, place))),
  );
}

const RECORDS_EACH = 1 + CREDENTIAL_TYPES.length;

function knownAt(records: readonly unknown[], place: number): readonly Known[] {
  const from = place * RECORDS_EACH;
  const [subscription, ...credentials] = records.slice(from, from + RECORDS_EACH);
  if (subscription === undefined) return [];
  return [
    {
      subscription: subscription as SubscriptionRecord,
      credentials: credentials.filter((each) => each !== undefined) as CredentialRecord[],
    },
  ];
}
