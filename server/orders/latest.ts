import type { AccountId, OrderNumber } from '../../shared/types.ts';
import { pagesOf } from '../store/pages.ts';
import { replyOnly, type Store } from '../store/port.ts';
import { readOrder } from './changes.ts';
import { orderPaceKey } from './pace.ts';
import { ORDERS, type OrderRecord } from './record.ts';

interface LatestQuery {
  readonly purchaser: AccountId;
  readonly from?: OrderNumber | undefined;
  readonly limit: number;
}

interface LatestPage {
  readonly items: readonly OrderRecord[];
  readonly next: OrderNumber | null;
}

type Reading = Pick<Store, 'transact' | 'scan'>;

/**
 * Back from the newest: each order names the purchaser's one before it. Those of an older fobd name
 * none; what they are is looked up where the named ones end.
 */
export async function latestOrders(
  { purchaser, from, limit }: LatestQuery,
  store: Reading,
): Promise<LatestPage> {
  const items: OrderRecord[] = [];
  let next = from ?? (await newestOf(purchaser, store));
  while (next !== undefined && items.length < limit) {
    const order: OrderRecord = await readOrder(next, { purchaser }, store);
    items.push(order);
    next = order.previous;
  }
  if (next !== undefined) return { items, next };
  const more = limit - items.length;
  const older = await newestBefore(items.at(-1)?.id, { purchaser, limit: more + 1 }, store);
  return { items: [...items, ...older.slice(0, more)], next: older[more]?.id ?? null };
}

const newestOf = (
  purchaser: AccountId,
  store: Pick<Store, 'transact'>,
): Promise<OrderNumber | undefined> =>
  store.transact([orderPaceKey(purchaser)], ([pace]) => replyOnly(pace?.lastOrder));

/** By reading all that the purchaser has: the index goes forward, and by the numbers' text. */
async function newestBefore(
  end: OrderNumber | undefined,
  { purchaser, limit }: Omit<LatestQuery, 'from'>,
  store: Pick<Store, 'scan'>,
): Promise<readonly OrderRecord[]> {
  const before = end === undefined ? Number.POSITIVE_INFINITY : placeOf(end);
  let newest: readonly OrderRecord[] = [];
  for await (const page of pagesOf(store, ORDERS, { index: 'purchaser', value: purchaser })) {
    const older = page.filter(({ id }) => placeOf(id) < before);
    newest = [...newest, ...older]
      .toSorted((one, other) => placeOf(other.id) - placeOf(one.id))
      .slice(0, limit);
  }
  return newest;
}

/** `SO-10001` is the 10,001st. */
const placeOf = (id: OrderNumber): number => Number(id.slice('SO-'.length));
