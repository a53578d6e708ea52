import type { OrderNumber, UnixMillis } from '../../shared/types.ts';
import { pagesOf } from '../store/pages.ts';
import type { Store } from '../store/port.ts';
import { addToCart, putCart, readCart } from './cart.ts';
import { cancelOrder, ignorePayment, readOrder, receivePayment, shipOrder } from './changes.ts';
import { type FulfilmentParts, fulfil } from './fulfil.ts';
import { sendKeysAgain } from './keys-again.ts';
import { latestOrders } from './latest.ts';
import { orderedFor } from './ordered.ts';
import { paymentLinkOf } from './payments/link.ts';
import { placeOrder } from './place.ts';
import type { OrderQuery, OrderService } from './port.ts';
import { ORDERS, type OrderRecord } from './record.ts';

export interface OrderServiceParts extends FulfilmentParts {
  /** Where orders by card are paid, if anywhere. */
  readonly paymentLink: URL | undefined;
  readonly log: { error(details: object, message: string): void };
}

export function createOrderService(parts: OrderServiceParts): OrderService {
  const { store } = parts;
  return {
    cart: (account) => readCart(account, store),
    putCart: (account, lines, caller, { reviewed } = {}) =>
      putCart(account, { lines, reviewed }, caller, store),
    addToCart: (account, lines, caller) => addToCart(account, lines, caller, store),
    place: (account, order, caller) => placeOrder(account, order, caller, parts),
    orderedFor: (product, subscriptions) => orderedFor(product, subscriptions, store),
    get: (id, whose = {}) => readOrder(id, whose, store),
    paymentLinkOf: (order) => paymentLinkOf(order, parts.paymentLink),
    list: (query) => listOrders(query, store),
    latest: (query) => latestOrders(query, store),
    async receive(payment, caller) {
      const received = await receivePayment(payment, caller, parts);
      if (received.result !== 'paid') return received;
      const order = await fulfilNow(received.order, caller.now, parts);
      return { ...received, order };
    },
    ignorePayment: (payment, caller) => ignorePayment(payment, caller, parts),
    cancel: (id, whose, caller) => cancelOrder(id, whose, caller, parts),
    ship: (id, shipment, caller) => shipOrder(id, shipment, caller, parts),
    sendKeysAgain: (id, which, caller) => sendKeysAgain(id, which, caller, parts),
  };
}

/** Paid is paid: what fails now is carried out by the job. */
async function fulfilNow(
  order: OrderRecord,
  now: UnixMillis,
  parts: OrderServiceParts,
): Promise<OrderRecord> {
  try {
    return await fulfil(order.id, now, parts);
  } catch (err) {
    logFailure(order.id, err, parts);
    return order;
  }
}

const logFailure = (order: OrderNumber, err: unknown, { log }: OrderServiceParts): void =>
  log.error({ err, order }, 'an order that was paid could not be carried out; it is tried again');

/** Orders read at a time. */
const PAGE = 100;

/** Every order that was paid and not carried out to its end. One that fails holds up no other. */
export async function fulfilAll(now: UnixMillis, parts: OrderServiceParts): Promise<void> {
  const range = { index: 'state', value: 'paid', limit: PAGE };
  for await (const page of pagesOf(parts.store, ORDERS, range)) {
    for (const { id } of page) {
      await fulfil(id, now, parts).catch((err) => logFailure(id, err, parts));
    }
  }
}

/** By the index that finds the fewest; what else is asked for is looked at then. */
async function listOrders(query: OrderQuery, store: Pick<Store, 'scan'>) {
  const { after, limit } = query;
  const start = after === undefined ? { limit } : { after, limit };
  const index = INDEXES.find((name) => query[name] !== undefined);
  const value = index && query[index];
  const range = index === undefined || value === undefined ? start : { ...start, index, value };
  const { items, next } = await store.scan(ORDERS, range);
  const isAsked = (order: OrderRecord): boolean =>
    INDEXES.every((name) => {
      const wanted = query[name];
      return wanted === undefined || ORDERS.indexValues(name, order).includes(wanted);
    });
  return { items: items.filter(isAsked), next };
}

const INDEXES = ['reference', 'purchaseOrder', 'purchaser', 'state'] as const;
