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
  /** Whom the licence keys are mailed to beside the purchaser: sponsored credentials. */
  readonly recipient?: string;
}

export type Payment =
  | { readonly method: 'card'; readonly reference?: string }
  | { readonly method: 'invoice'; readonly purchaseOrder: string };

/** `paid` is decided at once; `fulfilled` when every line has been carried out. */
export const ORDER_STATES = ['placed', 'paid', 'fulfilled', 'cancelled'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

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
  readonly shipments: readonly Shipment[];
  readonly cancelledAt?: UnixMillis;
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

/** What an account has chosen and not ordered yet, by account. */
export interface CartRecord {
  readonly version: 1;
  readonly lines: readonly OrderLine[];
  readonly changedAt: UnixMillis;
}

export const CARTS: Kind<CartRecord> = { name: 'cart', indexes: [], indexValues: () => [] };
export const cartKey = (account: AccountId): Key<CartRecord> => keyOf(CARTS, account);
