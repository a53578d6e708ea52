import { expect } from 'chai';
import Stripe from 'stripe';
import type { PaymentMessage } from '../../../../server/orders/payments/port.ts';
import { createStripe } from '../../../../server/orders/payments/stripe.ts';
import { FobtwinError } from '../../../../shared/errors.ts';
import type { UnixMillis } from '../../../../shared/types.ts';

const SECRET = 'whsec_aNewSecretOfSomeLength1234';
const NOW = 1_767_225_600_000 as UnixMillis;
const library = new Stripe('sk_test_unused');
const processor = createStripe([SECRET]);

function read(payload: string): PaymentMessage {
  const timestamp = NOW / 1000;
  const signature = library.webhooks.generateTestHeaderString({
    ...{ payload, timestamp, secret: SECRET },
  });
  return processor.read({ body: Buffer.from(payload), signature }, NOW);
}

const event = (type: string, object: object): PaymentMessage =>
  read(JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } }));

const CHECKOUT = {
  id: 'cs_test_1',
  object: 'checkout.session',
  client_reference_id: 'SO-10001',
  metadata: {},
  payment_status: 'paid',
  payment_intent: 'pi_1',
};
const PAID = { kind: 'payment', source: 'stripe', order: 'SO-10001', reference: 'pi_1' };

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof FobtwinError) return error.code;
  }
  throw new Error('nothing was refused');
}

describe("Stripe's events", () => {
  it('of a checkout that is paid name the order by its reference', () => {
    expect(event('checkout.session.completed', CHECKOUT)).to.deep.equal(PAID);
    expect(event('checkout.session.async_payment_succeeded', CHECKOUT)).to.deep.equal(PAID);
  });

  it('of a payment intent name it by its metadata: it is the same payment', () => {
    const intent = { id: 'pi_1', object: 'payment_intent', metadata: { order: 'SO-10001' } };
    expect(event('payment_intent.succeeded', intent)).to.deep.equal(PAID);
  });

  it('take the metadata before the reference, and the intent though it was sent whole', () => {
    const checkout = {
      ...CHECKOUT,
      metadata: { order: 'SO-10002' },
      payment_intent: { id: 'pi_2', object: 'payment_intent' },
    };
    expect(event('checkout.session.completed', checkout)).to.deep.include({
      order: 'SO-10002',
      reference: 'pi_2',
    });
    const without = { ...CHECKOUT, payment_intent: null };
    expect(event('checkout.session.completed', without)).to.deep.include({
      reference: 'cs_test_1',
    });
  });

  it('of a checkout whose money comes later are no payment', () => {
    const later = { ...CHECKOUT, payment_status: 'unpaid' };
    expect(event('checkout.session.completed', later)).to.deep.equal({ kind: 'other' });
  });

  it('of anything else are no payment', () => {
    for (const type of ['charge.refunded', 'customer.created', 'constructor', '__proto__']) {
      expect(event(type, CHECKOUT), type).to.deep.equal({ kind: 'other' });
    }
    const foreign = { id: 'pi_9', object: 'payment_intent', metadata: null };
    expect(event('payment_intent.succeeded', foreign)).to.deep.equal({ kind: 'other' });
  });

  it('that are signed and cannot be read are malformed', () => {
    for (const payload of ['', 'x', '[]', '{"type":1}', '{"type":"payment_intent.succeeded"}']) {
      expect(
        codeOf(() => read(payload)),
        payload,
      ).to.equal('malformedBody');
    }
    const odd = { ...CHECKOUT, payment_intent: 'pi 1\n' };
    expect(codeOf(() => event('checkout.session.completed', odd))).to.equal('malformedBody');
  });

  it('that are not signed are not even parsed', () => {
    const message = { body: Buffer.from('no JSON'), signature: undefined };
    expect(codeOf(() => processor.read(message, NOW))).to.equal('forbidden');
    expect(codeOf(() => processor.read({ ...message, signature: 't=1,v1=2' }, NOW))).to.equal(
      'forbidden',
    );
  });
});
