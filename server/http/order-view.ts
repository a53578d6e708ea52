import { formatTime } from '../../shared/time.ts';
import type { ReplyOf } from '../../shared/wire/operations.ts';
import { PRODUCTS, type Product, type ProductId } from '../orders/catalogue.ts';
import { expectedBy } from '../orders/delivery.ts';
import { unitsOf } from '../orders/fulfil.ts';
import { lineStateOf } from '../orders/lines.ts';
import type { Address, CartRecord, OrderLine, OrderRecord } from '../orders/record.ts';
import { timeOrNone } from './moment.ts';

/** From carts, orders and products to what /v1 shows of them. */

type OrderView = ReplyOf<'getOrder'>['order'];

export function viewProduct(
  id: ProductId,
  product: Product,
): ReplyOf<'listProducts'>['products'][number] {
  const { kind, name } = product;
  if (product.kind !== 'credential') return { id, name, kind };
  const { types, proofing, phones, isShipped } = product;
  return { id, name, kind, types: [...types], proofing, phones, shipped: isShipped };
}

export const viewCart = (cart: CartRecord | undefined): ReplyOf<'getCart'>['cart'] => ({
  lines: (cart?.lines ?? []).map(viewLine),
  changedAt: timeOrNone(cart?.changedAt),
});

const viewLine = ({ product, quantity, subscription, recipient, additional }: OrderLine) => ({
  product,
  name: PRODUCTS[product].name,
  quantity,
  subscription,
  recipient,
  additional,
});

export const viewOrder = (order: OrderRecord, paymentLink: string | undefined): OrderView => ({
  id: order.id,
  purchaser: order.purchaser,
  organisation: order.organisation,
  state: order.state,
  lines: order.lines.map((line, place) => viewOrderLine(order, line, place)),
  shipping: order.shipping && viewAddress(order.shipping),
  billing: viewAddress(order.billing),
  payment: { ...order.payment },
  paymentLink,
  placedAt: formatTime(order.placedAt),
  paidAt: timeOrNone(order.paidAt),
  cancelledAt: timeOrNone(order.cancelledAt),
  expectedBy: timeOrNone(expectedBy(order)),
  shipments: order.shipments.map(({ shippedAt, serials, ...rest }) => ({
    ...rest,
    shippedAt: formatTime(shippedAt),
    serials: serials && [...serials],
  })),
  receipts: (order.receipts ?? []).map(({ at, ...rest }) => ({ ...rest, at: formatTime(at) })),
});

function viewOrderLine(
  order: OrderRecord,
  line: OrderLine,
  place: number,
): OrderView['lines'][number] {
  const state = lineStateOf(order, place);
  const isNew = PRODUCTS[line.product].kind === 'credential';
  return {
    ...viewLine(line),
    state,
    subscriptions: state === 'done' && isNew ? [...unitsOf(order.id, place, line)] : undefined,
  };
}

const viewAddress = (address: Address) => ({ ...address, lines: [...address.lines] });
