import { z } from 'zod';
import { FobtwinError } from '../../../shared/errors.ts';
import type { PaymentMessage, PaymentProcessor } from './port.ts';
import { isSigned } from './signature.ts';

/**
 * Stripe: which of its events say that an order was paid, and which order. The checkout or the
 * payment intent was made by the shop with its own API key, the order's number in
 * `client_reference_id` or in `metadata.order`; the amount is the shop's affair.
 *
 * A checkout and its payment intent both tell of one payment: the intent's id is the reference of
 * both.
 */

const id = z.string().regex(/^[\w-]{1,200}$/);
const metadata = z.object({ order: z.string().max(100).optional() }).nullish();

/** docs.stripe.com/api/checkout/sessions/object */
const CHECKOUT = z.object({
  id,
  client_reference_id: z.string().max(200).nullish(),
  metadata,
  /** `unpaid` where the money comes later: an event of its own tells then. */
  payment_status: z.string(),
  payment_intent: z.union([id, z.object({ id })]).nullish(),
});
/** docs.stripe.com/api/payment_intents/object */
const INTENT = z.object({ id, metadata });

const EVENT = z.object({ type: z.string(), data: z.object({ object: z.unknown() }) });

const EVENTS: Readonly<Record<string, (object: unknown) => PaymentMessage>> = {
  'checkout.session.completed': readCheckout,
  'checkout.session.async_payment_succeeded': readCheckout,
  'payment_intent.succeeded': readIntent,
};

const OTHER: PaymentMessage = { kind: 'other' };

/** @param secrets the endpoint's signing secrets, the newest first; at least one */
export const createStripe = (secrets: readonly string[]): PaymentProcessor => ({
  header: 'stripe-signature',
  read({ body, signature: header }, now) {
    if (header === undefined || !isSigned({ body, header, secrets, now })) throw notSigned();
    const { type, data } = parsed(EVENT, jsonOf(body));
    // Only a type of its own: an object has `constructor` too.
    const read = Object.hasOwn(EVENTS, type) ? EVENTS[type] : undefined;
    return read === undefined ? OTHER : read(data.object);
  },
});

function readCheckout(object: unknown): PaymentMessage {
  const checkout = parsed(CHECKOUT, object);
  if (checkout.payment_status !== 'paid') return OTHER;
  const { payment_intent: intent } = checkout;
  const reference = (typeof intent === 'object' ? intent?.id : intent) ?? checkout.id;
  return paymentOf(checkout.metadata?.order ?? checkout.client_reference_id, reference);
}

function readIntent(object: unknown): PaymentMessage {
  const intent = parsed(INTENT, object);
  return paymentOf(intent.metadata?.order, intent.id);
}

/** What names no order was sold by somebody else with the same account at the processor. */
const paymentOf = (order: string | null | undefined, reference: string): PaymentMessage =>
  order == null ? OTHER : { kind: 'payment', source: 'stripe', order, reference };

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw unreadable('not JSON');
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw unreadable(result.error.issues.map((issue) => issue.path.join('.')).join(', '));
}

const notSigned = (): FobtwinError =>
  new FobtwinError('forbidden', 'The processor has not signed this, or too long ago.', {
    nextStep: "Look at the endpoint's signing secret, and at this machine's clock.",
  });

const unreadable = (detail: string): FobtwinError =>
  new FobtwinError('malformedBody', 'The event cannot be read.', { detail });
