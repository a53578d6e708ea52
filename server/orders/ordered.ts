import type { SubscriptionId } from '../../shared/types.ts';
import { replyOnly, type Store } from '../store/port.ts';
import type { ProductId } from './catalogue.ts';
import { openOrderKey } from './record.ts';

/** Those of `subscriptions` that `product` is ordered for, by whomever, and not carried out yet. */
export async function orderedFor(
  product: ProductId,
  subscriptions: readonly SubscriptionId[],
  store: Pick<Store, 'transact'>,
): Promise<ReadonlySet<SubscriptionId>> {
  const keys = subscriptions.map((id) => openOrderKey(id, product));
  const open = await store.transact(keys, (found) => replyOnly(found));
  return new Set(subscriptions.filter((_, place) => open[place] !== undefined));
}
