import type { OrderState } from '../../shared/products.ts';
import type { AccountId, OrderNumber, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import type { ProductId } from './catalogue.ts';

export interface Address {
  readonly name: string;
  readonly organisation?: string;
  /** Street and house, as written on an envelope. */
  readonly lines: readonly string[];
  readonly city: string;
  readonly region?: string;
  readonly postcode?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** One line of a cart or an order. */
export interface OrderLine {
  readonly product: ProductId;
  /** Of a credential's product; 1 for what is sold for a subscription. */
  readonly quantity: number;
  /** What a renewal or an upgrade is for. */
  readonly subscription?: SubscriptionId;
  /** Whom the licence keys are mailed to in place of the purchaser: sponsored credentials. */
  readonly recipient?: string;
  /** Bought though a credential of its type could be renewed. */
  readonly additional?: true;
  /** Of an upgrade: its purchaser has confirmed that the requirements are understood. */
  readonly requirementsUnderstood?: true;
}

export type Payment =
  | { readonly method: 'card'; readonly reference?: string }
  | { readonly method: 'invoice'; readonly purchaseOrder: string };

/** Who says that money has come: somebody of billing, or a processor by its signature. */
export const PAYMENT_SOURCES = ['manual', 'stripe'] as const;
export type PaymentSource = (typeof PAYMENT_SOURCES)[number];

/** Money that came for an order. */
export interface Receipt {
  readonly source: PaymentSource;
  /** The payment itself, as its source names it: of two with one name the second is the first. */
  readonly reference: string;
  readonly at: UnixMillis;
  /** The order was cancelled, or paid already: it is to be given back. */
  readonly unneeded?: true;
}

/** Of one order; what comes after them is audited alone. */
export const RECEIPTS_MAX = 20;
/** Parcels of one order. */
export const SHIPMENTS_MAX = 20;
/** How often an order's keys are sent again. */
export const KEY_SENDINGS_MAX = 20;

export interface Shipment {
  readonly shippedAt: UnixMillis;
  readonly carrier?: string;
  readonly tracking?: string;
  /** Serials that were sent, where they were noted. */
  readonly serials?: readonly string[];
}

export interface OrderRecord {
  readonly version: 1;
  readonly id: OrderNumber;
  readonly purchaser: AccountId;
  readonly organisation?: string;
  readonly lines: readonly OrderLine[];
  readonly shipping?: Address;
  readonly billing: Address;
  readonly payment: Payment;
  readonly disclaimerAt: UnixMillis;
  readonly state: OrderState;
  readonly placedAt: UnixMillis;
  readonly paidAt?: UnixMillis;
  /** How many lines have been carried out, in their order. */
  readonly linesDone: number;
  /** Lines that were paid and could not be carried out, from 1: their money is to be given back. */
  readonly linesRefused?: readonly number[];
  readonly shipments: readonly Shipment[];
  readonly cancelledAt?: UnixMillis;
  readonly receipts?: readonly Receipt[];
  /** How often its licence keys were sent again. Absent: never. */
  readonly keySendings?: number;
  /** The purchaser's order before it. Absent: it was the first, or an older fobd wrote it. */
  readonly previous?: OrderNumber;
}

export const ORDERS: Kind<OrderRecord> = {
  name: 'order',
  indexes: ['purchaser', 'state', 'purchaseOrder', 'reference'],
  indexValues(index, { purchaser, state, payment }) {
    if (index === 'purchaser') return [purchaser];
    if (index === 'state') return [state];
    if (index === 'purchaseOrder') {
      return payment.method === 'invoice' ? [payment.purchaseOrder] : [];
    }
    return payment.method === 'card' && payment.reference !== undefined ? [payment.reference] : [];
  },
};

export const orderKey = (id: OrderNumber): Key<OrderRecord> => keyOf(ORDERS, id);

/** The next order's number; one record. */
export interface OrderNumberRecord {
  readonly version: 1;
  readonly next: number;
}

export const FIRST_ORDER_NUMBER = 10_001;

export const ORDER_NUMBERS: Kind<OrderNumberRecord> = {
  name: 'orderNumber',
  indexes: [],
  indexValues: () => [],
};

export const ORDER_NUMBER_KEY = keyOf(ORDER_NUMBERS, 'next');

/** Something ordered for a subscription and not carried out yet: no second order of it is taken. */
export interface OpenOrderRecord {
  readonly version: 1;
  readonly order: OrderNumber;
}

export const OPEN_ORDERS: Kind<OpenOrderRecord> = {
  name: 'openOrder',
  indexes: [],
  indexValues: () => [],
};

export const openOrderKey = (subscription: SubscriptionId, product: ProductId) =>
  keyOf(OPEN_ORDERS, `${subscription}.${product}`);

/** What an account has chosen and not ordered yet, by account. */
export interface CartRecord {
  readonly version: 1;
  readonly lines: readonly OrderLine[];
  readonly changedAt: UnixMillis;
}

export const CARTS: Kind<CartRecord> = { name: 'cart', indexes: [], indexValues: () => [] };
export const cartKey = (account: AccountId): Key<CartRecord> => keyOf(CARTS, account);
