import type { UnixMillis } from '../../shared/types.ts';
import { licenceKeysKey } from './licence-key.ts';
import type { PaymentsOptions } from './options.ts';
import type { PaymentProcessor } from './payments/port.ts';
import { createStripe } from './payments/stripe.ts';
import type { OrderService } from './port.ts';
import { createOrderService, fulfilAll, type OrderServiceParts } from './service.ts';

export interface OrdersParts extends Omit<OrderServiceParts, 'licenceKeysKey' | 'paymentLink'> {
  /** 32 bytes: keys are derived from it before this returns. */
  readonly rootKey: Uint8Array;
  /** Default: no processor tells of payments. */
  readonly payments?: PaymentsOptions | undefined;
}

export interface Orders {
  readonly orders: OrderService;
  readonly paymentProcessor: PaymentProcessor | undefined;
  /** Goes on with what was paid and not carried out to its end: a `DueJob`. */
  readonly ordersDue: { readonly name: string; run(now: UnixMillis): Promise<void> };
}

export function openOrders({ rootKey, payments, ...rest }: OrdersParts): Orders {
  const parts: OrderServiceParts = {
    ...rest,
    licenceKeysKey: licenceKeysKey(rootKey),
    paymentLink: payments?.paymentLink,
  };
  return {
    orders: createOrderService(parts),
    paymentProcessor: payments && createStripe(payments.secrets),
    ordersDue: { name: 'orders that were paid', run: (now) => fulfilAll(now, parts) },
  };
}
