import type { ReplyOf } from '../../shared/wire/operations.ts';
import { rangeText } from '../orders/lines.ts';
import { formatFields, formatTable } from './table.ts';
import { moreText } from './token-text.ts';

type OrderView = ReplyOf<'getOrder'>['order'];

export function describeOrder(order: OrderView): string {
  const { payment } = order;
  const fields = formatFields({
    order: order.id,
    purchaser: order.purchaser,
    organisation: order.organisation,
    state: order.state,
    payment: payment.purchaseOrder
      ? `invoice, purchase order ${payment.purchaseOrder}`
      : [payment.method, payment.reference].filter((part) => part !== undefined).join(' '),
    'to be paid at': order.paymentLink,
    placed: order.placedAt,
    paid: order.paidAt,
    cancelled: order.cancelledAt,
    'delivered by': order.expectedBy,
    sent: order.shipments.map(shipmentText).join('; ') || undefined,
    'to be given back':
      order.receipts
        .filter(({ unneeded }) => unneeded)
        .map(receiptText)
        .join('; ') || undefined,
  });
  return `${fields}\n\n${linesTable(order)}`;
}

const linesTable = ({ lines }: OrderView): string =>
  formatTable(
    ['LINE', 'PRODUCT', 'QUANTITY', 'STATE', 'FOR', 'SUBSCRIPTIONS'],
    lines.map(({ product, quantity, state, subscription, recipient, subscriptions }, place) => [
      String(place + 1),
      product,
      String(quantity),
      state,
      subscription ?? recipient ?? '-',
      rangeText(subscriptions ?? []),
    ]),
    'No lines.',
  );

/** What is chosen and not ordered yet. */
export const describeCart = ({ lines }: ReplyOf<'getCart'>['cart']): string =>
  formatTable(
    ['LINE', 'PRODUCT', 'QUANTITY', 'FOR'],
    lines.map(({ product, quantity, subscription, recipient }, place) => [
      String(place + 1),
      product,
      String(quantity),
      subscription ?? recipient ?? '-',
    ]),
    'The cart is empty.',
  );

const shipmentText = ({ shippedAt, carrier, tracking }: OrderView['shipments'][number]): string =>
  [shippedAt, carrier, tracking].filter((part) => part !== undefined).join(' ');

const receiptText = ({ source, reference }: OrderView['receipts'][number]): string =>
  `${source} ${reference}`;

export function listOrders({ items, nextCursor }: ReplyOf<'listOrders'>): string {
  const rows = items.map(({ id, purchaser, state, lines, placedAt }) => [
    id,
    purchaser,
    state,
    lines.map(({ quantity, product }) => `${quantity} x ${product}`).join(', '),
    placedAt,
  ]);
  const headings = ['ORDER', 'PURCHASER', 'STATE', 'LINES', 'PLACED'];
  return formatTable(headings, rows, 'No orders.') + moreText(nextCursor);
}

const RESULTS: Readonly<Record<ReplyOf<'payOrder'>['result'], string>> = {
  paid: 'is paid',
  known: 'was paid by this payment before',
  unneeded: 'is paid already, or cancelled: give this payment back',
};

export const paymentText = ({ result, order }: ReplyOf<'payOrder'>): string =>
  `Order ${order.id} ${RESULTS[result]}.\n\n${describeOrder(order)}`;

export function listProducts({ products }: ReplyOf<'listProducts'>): string {
  const rows = products.map(({ id, name, types = [], proofing }) => [
    id,
    name,
    types.join(', ') || '-',
    proofing === undefined ? '-' : proofing ? 'yes' : 'no',
  ]);
  return formatTable(['PRODUCT', 'NAME', 'CREDENTIALS', 'PROOFING'], rows, 'No products.');
}
