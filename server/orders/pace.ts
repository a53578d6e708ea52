import { FobtwinError } from '../../shared/errors.ts';
import type { AccountId, OrderNumber, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import { type Key, type Kind, keyOf, put, type Write } from '../store/port.ts';

/**
 * How many orders a person places in a day. An order costs its purchaser nothing until it is paid,
 * and each is a record and a mail for good: a stolen password must not suffice to fill the store.
 */
export const ORDERS_A_DAY_MAX = 200;
const DAY_MILLIS = 86_400_000;

/** When an account has placed orders in the last day, the oldest first; by account. */
export interface OrderPaceRecord {
  readonly version: 1;
  /** By itself: what staff place for it is not counted. */
  readonly placedAt: readonly UnixMillis[];
  /** Its newest order, whoever placed it and whenever. */
  readonly lastOrder?: OrderNumber;
}

export const ORDER_PACES: Kind<OrderPaceRecord> = {
  name: 'orderPace',
  indexes: [],
  indexValues: () => [],
};

export const orderPaceKey = (account: AccountId): Key<OrderPaceRecord> =>
  keyOf(ORDER_PACES, account);

/**
 * What goes with the writes of an order that is placed now. Whoever administers orders places as
 * many as he likes.
 *
 * @throws FobtwinError `tooManyRequests`
 */
export function paceWrites(
  account: AccountId,
  pace: OrderPaceRecord | undefined,
  lastOrder: OrderNumber,
  { principal, now }: Caller,
): Write[] {
  const keep = (placedAt: readonly UnixMillis[]): Write[] => [
    put(orderPaceKey(account), { version: 1, placedAt, lastOrder }),
  ];
  if (principal.scopes.has('orders:admin')) return keep(pace?.placedAt ?? []);
  // What a clock that was set back has still before it is not counted.
  const recent = (pace?.placedAt ?? []).filter((at) => at > now - DAY_MILLIS && at <= now);
  const [oldest = now] = recent;
  if (recent.length < ORDERS_A_DAY_MAX) return keep([...recent, now]);
  throw new FobtwinError('tooManyRequests', `An account places ${recent.length} orders a day.`, {
    nextStep: 'Put more lines and units into one order, or wait.',
    retryAfterSeconds: Math.max(1, Math.ceil((oldest + DAY_MILLIS - now) / 1000)),
  });
}
