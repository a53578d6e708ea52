import type { AccountId } from '../../shared/types.ts';
import { type AccountRecord, accountKey } from '../accounts/record.ts';
import { unknownAccount } from '../accounts/service.ts';
import { replyOnly, type Store } from '../store/port.ts';
import { detailsOf } from '../subscriptions/listing.ts';
import {
  SUBSCRIPTIONS,
  type SubscriptionRecord,
  subscriptionKey,
} from '../subscriptions/record.ts';
import type { OfferFacts } from './offer.ts';
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
  const named = await detailsOf(await namedBy(lines, store), store);
  const isNew = lines.some(({ subscription, recipient }) => !subscription && !recipient);
  const held = isNew ? await detailsOf(await heldBy(id, store), store) : [];
  return { account, named: new Map(named.map((each) => [each.subscription.id, each])), held };
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

async function namedBy(
  lines: readonly OrderLine[],
  store: Reading,
): Promise<readonly SubscriptionRecord[]> {
  const ids = new Set(lines.flatMap(({ subscription }) => subscription ?? []));
  return store.transact([...ids].map(subscriptionKey), (found) =>
    replyOnly(found.filter((record) => record !== undefined)),
  );
}

async function heldBy(account: AccountId, store: Reading): Promise<readonly SubscriptionRecord[]> {
  const range = { index: 'account', value: account, limit: HELD_MAX };
  return (await store.scan(SUBSCRIPTIONS, range)).items;
}
