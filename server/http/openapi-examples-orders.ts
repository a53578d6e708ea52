import type { BodyOf, ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations on products, carts and orders. */

const address = {
  name: 'Jennifer Blue',
  organisation: 'Example Ltd',
  lines: ['1 Main Street'],
  city: 'Springfield',
  region: 'VA',
  postcode: '22150',
  country: 'US',
};

const line = {
  product: 'hardware-token',
  name: 'OTP Token (1 Year) without Proofing',
  quantity: 2,
} satisfies ReplyOf<'getCart'>['cart']['lines'][number];

const placed = {
  id: 'SO-10001',
  purchaser: 'jennifer',
  organisation: 'Example Ltd',
  state: 'placed',
  lines: [{ ...line, state: 'open' }],
  shipping: address,
  billing: address,
  payment: { method: 'invoice', purchaseOrder: 'PO-4711' },
  placedAt: '2026-01-01T00:00:00.000Z',
  shipments: [],
  receipts: [],
} satisfies ReplyOf<'getOrder'>['order'];

const fulfilled = {
  ...placed,
  state: 'fulfilled',
  lines: [{ ...line, state: 'done', subscriptions: ['SO-10001-1-1', 'SO-10001-1-2'] }],
  paidAt: '2026-01-02T00:00:00.000Z',
  expectedBy: '2026-01-07T00:00:00.000Z',
  receipts: [{ source: 'manual', reference: 'statement 12', at: '2026-01-02T00:00:00.000Z' }],
} satisfies ReplyOf<'getOrder'>['order'];

const cancelled = {
  ...placed,
  state: 'cancelled',
  cancelledAt: '2026-01-01T12:00:00.000Z',
} satisfies ReplyOf<'getOrder'>['order'];

const parcel = { carrier: 'Post', tracking: 'RX123456789US', serials: ['FT00000001'] };

const chosen = {
  lines: [{ product: 'hardware-token', quantity: 2 }],
} satisfies BodyOf<'putCart'>;

const ordered = {
  shipping: address,
  billing: address,
  payment: { method: 'invoice', purchaseOrder: 'PO-4711' },
  disclaimer: true,
} satisfies BodyOf<'placeOrder'>;

export const ORDERS_EXAMPLES = {
  listProducts: {
    reply: {
      products: [
        {
          id: 'hardware-token' as const,
          name: 'OTP Token (1 Year) without Proofing',
          kind: 'credential' as const,
          types: ['hardwareToken' as const],
          proofing: false,
          shipped: true,
        },
      ],
    },
  },
  getCart: { reply: { cart: { lines: [line], changedAt: '2026-01-01T00:00:00.000Z' } } },
  putCart: {
    body: chosen,
    reply: { cart: { lines: [line], changedAt: '2026-01-01T00:00:00.000Z' } },
  },
  placeOrder: { body: ordered, reply: { order: placed } },
  listAccountOrders: { reply: { items: [placed], nextCursor: null } },
  getAccountOrder: { reply: { order: fulfilled } },
  cancelAccountOrder: { reply: { order: cancelled } },
  sendLicenceKeys: {
    body: { subscription: 'SO-10001-1-2' },
    reply: { sent: 1, order: fulfilled },
  },
  listOrders: { reply: { items: [placed], nextCursor: null } },
  getOrder: { reply: { order: fulfilled } },
  payOrder: {
    body: { reference: 'statement 12' },
    reply: { result: 'paid' as const, order: fulfilled },
  },
  shipOrder: {
    body: parcel,
    reply: {
      order: {
        ...fulfilled,
        shipments: [{ ...parcel, shippedAt: '2026-01-03T00:00:00.000Z' }],
      },
    },
  },
  cancelOrder: { reply: { order: cancelled } },
  receivePaymentEvent: { reply: { result: 'paid' as const } },
};
