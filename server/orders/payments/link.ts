import type { OrderRecord } from '../record.ts';

/**
 * Where an order is paid by card: the page of the processor's that `--payments` names, told the
 * order's number. Stripe hands it on as the checkout's `client_reference_id`, by which its webhook
 * names the order (docs.stripe.com/payment-links/url-parameters; `stripe.ts` reads it).
 *
 * @returns `undefined` unless the order waits for a payment by card, and there is such a page
 */
export function paymentLinkOf(
  { id, state, payment }: Pick<OrderRecord, 'id' | 'state' | 'payment'>,
  page: URL | undefined,
): string | undefined {
  if (page === undefined || state !== 'placed' || payment.method !== 'card') return undefined;
  const link = new URL(page);
  link.searchParams.set('client_reference_id', id);
  return link.href;
}
