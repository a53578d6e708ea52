import type { IncomingMessage } from 'node:http';
import { FobtwinError } from '../../../shared/errors.ts';
import { PRODUCT_IDS } from '../../../shared/products.ts';
import { parseOrderNumber } from '../../../shared/types.ts';
import { OPERATIONS, type ReplyOf } from '../../../shared/wire/operations.ts';
import type { Caller } from '../../access/scopes.ts';
import type { ApplicationService } from '../../applications/port.ts';
import { bothDemands, demandOf, PRODUCTS, productsFor } from '../../orders/catalogue.ts';
import { manualPayment } from '../../orders/payments/manual.ts';
import type { PaymentProcessor } from '../../orders/payments/port.ts';
import type { OrderService } from '../../orders/port.ts';
import type { OrderRecord } from '../../orders/record.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { viewCart, viewOrder, viewProduct } from '../order-view.ts';
import { readBytes, refuseCompressed, requireMediaType } from '../request-body.ts';
import type { Call, Handlers } from './handler.ts';

type AccountIds =
  | 'getCart'
  | 'putCart'
  | 'placeOrder'
  | 'listAccountOrders'
  | 'getAccountOrder'
  | 'cancelAccountOrder'
  | 'sendLicenceKeys';
type StaffIds = 'listOrders' | 'getOrder' | 'payOrder' | 'shipOrder' | 'cancelOrder';
type OpenIds = 'listProducts' | 'receivePaymentEvent';

interface Rooms {
  readonly orders: OrderService;
  readonly applications: Pick<ApplicationService, 'get'>;
  /** Undefined: no processor tells of payments. */
  readonly paymentProcessor?: PaymentProcessor | undefined;
}

export const orderHandlers = (rooms: Rooms): Handlers<AccountIds | StaffIds | OpenIds> => ({
  ...accountHandlersOf(rooms, viewsOf(rooms)),
  ...staffHandlersOf(rooms, viewsOf(rooms)),
  listProducts: (call) => listProducts(call, rooms),
  receivePaymentEvent: (call) => receivePaymentEvent(call, rooms),
});

type Views = ReturnType<typeof viewsOf>;

function viewsOf({ orders }: Rooms) {
  const show = (order: OrderRecord) => viewOrder(order, orders.paymentLinkOf(order));
  const page = ({ items, next }: Awaited<ReturnType<OrderService['list']>>) => ({
    items: items.map(show),
    nextCursor: formatCursor(next),
  });
  return { show, page };
}

const accountHandlersOf = ({ orders }: Rooms, { show, page }: Views): Handlers<AccountIds> => ({
  async getCart({ params: { id } }) {
    return { cart: viewCart(await orders.cart(id)) };
  },
  async putCart({ params: { id }, body: { lines }, caller }) {
    return { cart: viewCart(await orders.putCart(id, lines, caller)) };
  },
  async placeOrder({ params: { id }, body, caller }) {
    const order = { ...body, disclaimer: body.disclaimer === true };
    return { order: show(await orders.place(id, order, caller)) };
  },
  async listAccountOrders({ params: { id }, query: { cursor, limit } }) {
    return page(await orders.list({ purchaser: id, after: parseCursor(cursor), limit }));
  },
  async getAccountOrder({ params: { id, order } }) {
    return { order: show(await orders.get(order, { purchaser: id })) };
  },
  async cancelAccountOrder({ params: { id, order }, caller }) {
    return { order: show(await orders.cancel(order, { purchaser: id }, caller)) };
  },
  async sendLicenceKeys({ params: { id, order }, body, caller }) {
    const which = { ...body, purchaser: id };
    const { sent, order: after } = await orders.sendKeysAgain(order, which, caller);
    return { sent, order: show(after) };
  },
});

const staffHandlersOf = ({ orders }: Rooms, { show, page }: Views): Handlers<StaffIds> => ({
  async listOrders({ query: { cursor, ...query } }) {
    return page(await orders.list({ ...query, after: parseCursor(cursor) }));
  },
  async getOrder({ params }) {
    return { order: show(await orders.get(params.order)) };
  },
  async payOrder({ params, body: { reference }, caller }) {
    const { result, order } = await orders.receive(manualPayment(params.order, reference), caller);
    return { result, order: show(order) };
  },
  async shipOrder({ params, body, caller }) {
    return { order: show(await orders.ship(params.order, body, caller)) };
  },
  async cancelOrder({ params, caller }) {
    return { order: show(await orders.cancel(params.order, {}, caller)) };
  },
});

async function listProducts(
  { query: { application, ...asked } }: Call<'listProducts'>,
  { applications }: Rooms,
): Promise<ReplyOf<'listProducts'>> {
  const partner = application === undefined ? undefined : await applications.get(application);
  const demand = bothDemands(asked, partner === undefined ? {} : demandOf(partner));
  const isAny = partner === undefined && Object.keys(asked).length === 0;
  const offered = isAny ? PRODUCT_IDS : productsFor(demand);
  return { products: offered.map((id) => viewProduct(id, PRODUCTS[id])) };
}

/** Bytes of one event; Stripe's have a few thousand. */
const EVENT_BYTES_MAX = 256 * 1024;

/** The signature is over the bytes as they came, so nothing parses them before it is checked. */
async function receivePaymentEvent(
  { request, caller: { principal, now } }: Call<'receivePaymentEvent'>,
  { orders, paymentProcessor: processor }: Rooms,
): Promise<ReplyOf<'receivePaymentEvent'>> {
  requireMediaType(request.headers, OPERATIONS.receivePaymentEvent.streamed);
  refuseCompressed(request.headers);
  if (processor === undefined) {
    throw new FobtwinError('notFound', 'No payment processor is set up.', {
      nextStep: 'Set one up: fobd serve --payments FILE.',
    });
  }
  const body = await readBytes(request, EVENT_BYTES_MAX);
  const message = processor.read({ body, signature: headerOf(request, processor.header) }, now);
  if (message.kind === 'other') return { result: 'ignored' };
  const { source, reference } = message;
  const caller: Caller = { principal: { ...principal, actor: `payments:${source}` }, now };
  const order = parseOrderNumber(message.order);
  const payment = { source, reference };
  if (order === undefined) {
    await orders.ignorePayment(payment, caller);
    return { result: 'ignored' };
  }
  try {
    const { result } = await orders.receive({ ...payment, order }, caller);
    return { result };
  } catch (error) {
    if (!(error instanceof FobtwinError) || error.code !== 'notFound') throw error;
    // Refused, it would be sent again for days; whoever looks finds it in the audit log.
    await orders.ignorePayment({ ...payment, order }, caller);
    return { result: 'ignored' };
  }
}

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
