import type { Rng } from '../../shared/rng.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { NoticeWriter } from '../notices/port.ts';
import type { Store } from '../store/port.ts';
import type { SubscriptionService } from '../subscriptions/port.ts';
import { deriveKey } from '../vault/keys.ts';
import type { PaymentsOptions } from './options.ts';
import type { PaymentProcessor } from './payments/port.ts';
import { createStripe } from './payments/stripe.ts';
import type { OrderService } from './port.ts';
import { createOrderService, fulfilAll, type OrderServiceParts } from './service.ts';

export interface OrdersParts {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly notices: NoticeWriter;
  readonly subscriptions: Pick<SubscriptionService, 'renew' | 'upgrade'>;
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  readonly rng: Rng;
  readonly log: OrderServiceParts['log'];
  /** Default: no processor tells of payments. */
  readonly payments?: PaymentsOptions | undefined;
}

export interface Orders {
  readonly orders: OrderService;
  readonly paymentProcessor: PaymentProcessor | undefined;
  /** Goes on with what was paid and not carried out to its end: a `DueJob`. */
  readonly ordersDue: { readonly name: string; run(now: UnixMillis): Promise<void> };
}

/** What licence keys are hashed with. @param rootKey 32 bytes */
export const licenceKeysKey = (rootKey: Uint8Array): Uint8Array =>
  deriveKey(rootKey, 'licenceKeys');

export function openOrders({ rootKey, payments, ...rest }: OrdersParts): Orders {
  const parts: OrderServiceParts = { ...rest, licenceKeysKey: licenceKeysKey(rootKey) };
  return {
    orders: createOrderService(parts),
    paymentProcessor: payments && createStripe(payments.secrets),
    ordersDue: { name: 'orders that were paid', run: (now) => fulfilAll(now, parts) },
  };
}
