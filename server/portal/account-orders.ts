import { type OrderNumber, parseOrderNumber } from '../../shared/types.ts';
import { unknownOrder } from '../orders/changes.ts';
import type { OrderRecord } from '../orders/record.ts';
import { ORDER_PATH, ORDERS_PATH, ofOrder } from './account-links.ts';
import type { Fields } from './forms.ts';
import { cancelPage, orderPage, ordersPage } from './order-pages.ts';
import { personAt, signInFirst } from './own.ts';
import type { Note } from './page.ts';
import { type Refusal, refusalOf, replyWith, tryTo } from './refusal.ts';
import { formTokenOf, type PageRoute, type Reply, type Seat, type Visit } from './visit.ts';

/** The person's own orders; another person's reads as one that does not exist. */
export const ORDERS: PageRoute = { get: showOrders };
export const ORDER: PageRoute = { get: (visit) => showOrder(visit), post: sendKeys };
export const CANCEL: PageRoute = { get: (visit) => showCancel(visit), post: cancel };

const ORDERS_A_PAGE = 20;

async function showOrders(visit: Visit): Promise<Reply> {
  const { seat, parts, query } = visit;
  if (seat === undefined) return signInFirst(ORDERS_PATH);
  const from = query.has('from') ? orderNumberIn(visit, 'from') : undefined;
  const page = { purchaser: seat.account.id, from, limit: ORDERS_A_PAGE };
  const { items, next } = await parts.orders.latest(page);
  return {
    page: ordersPage({
      ...{ person: seat, formToken: formTokenOf(visit), orders: items },
      older: next ?? undefined,
      isLater: from !== undefined,
    }),
  };
}

/** @throws FobtwinError `notFound`, in the words of an order of somebody else */
function orderNumberIn({ query }: Visit, name = 'number'): OrderNumber {
  const number = parseOrderNumber(query.get(name) ?? '');
  if (number !== undefined) return number;
  throw unknownOrder();
}

const ownIn = (visit: Visit, seat: Seat): Promise<OrderRecord> =>
  visit.parts.orders.get(orderNumberIn(visit), { purchaser: seat.account.id });

async function showOrder(visit: Visit, refusal?: Refusal): Promise<Reply> {
  const { seat, query, parts } = visit;
  if (seat === undefined) return signInFirst(ORDERS_PATH);
  const order = await ownIn(visit, seat);
  const note = refusal ?? saidOf(query, order, seat);
  const page = orderPage({
    ...{ person: seat, formToken: formTokenOf(visit), order, note },
    paymentLink: parts.orders.paymentLinkOf(order),
  });
  return replyWith(page, refusal);
}

function saidOf(query: URLSearchParams, { id }: OrderRecord, { account }: Seat): Note | undefined {
  const lines = (...said: string[]): Note => ({ good: true, lines: said });
  switch (query.get('done') ?? '') {
    case 'placed':
      return lines(
        `Thank you for your order. Its number is ${id}.`,
        ...(account.email === undefined ? [] : [`A confirmation is mailed to ${account.email}.`]),
      );
    case 'cancelled':
      return lines('The order is cancelled.');
    case 'keys':
      return lines('Other license keys are on their way. The ones before are void.');
    default:
      return undefined;
  }
}

async function sendKeys(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(ORDERS_PATH);
  const id = orderNumberIn(visit);
  const sendings = fields.get('sendings') ?? '';
  if (fields.get('step') !== 'sendKeys' || !/^\d{1,4}$/.test(sendings)) {
    return showOrder(visit, refusalOf('Choose what is to be done.'));
  }
  const which = { purchaser: seat.account.id, sendings: Number(sendings) };
  const sent = await tryTo(() => parts.orders.sendKeysAgain(id, which, personAt(visit, seat)));
  if ('refusal' in sent) return showOrder(visit, sent.refusal);
  return { redirect: `${ofOrder(ORDER_PATH, id)}&done=keys` };
}

async function showCancel(visit: Visit, refusal?: Refusal): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(ORDERS_PATH);
  const order = await ownIn(visit, seat);
  // What cannot be cancelled any more says so on its own page.
  if (refusal === undefined && order.state !== 'placed') {
    return { redirect: ofOrder(ORDER_PATH, order.id) };
  }
  const page = cancelPage({ person: seat, formToken: formTokenOf(visit), order, refusal });
  return replyWith(page, refusal);
}

async function cancel(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(ORDERS_PATH);
  const id = orderNumberIn(visit);
  if (fields.get('confirmed') !== 'yes') return showCancel(visit, UNCONFIRMED);
  const cancelled = await tryTo(() =>
    parts.orders.cancel(id, { purchaser: seat.account.id }, personAt(visit, seat)),
  );
  if ('refusal' in cancelled) return showOrder(visit, cancelled.refusal);
  return { redirect: `${ofOrder(ORDER_PATH, id)}&done=cancelled` };
}

const UNCONFIRMED = refusalOf('Confirm that the order is to be cancelled.');
