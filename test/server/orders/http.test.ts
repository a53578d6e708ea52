import { expect } from 'chai';
import Stripe from 'stripe';
import type { Scope } from '../../../server/access/scopes.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { type Got, type Served, START, serve } from '../http/served.ts';

const PASSWORD = 'correct horse battery staple';
const SECRET = 'whsec_aNewSecretOfSomeLength1234';
const LINK = new URL('https://buy.stripe.com/test_1?locale=en');
const ADDRESS = { name: 'J. Blue', lines: ['1 Main Street'], city: 'Springfield', country: 'us' };
const ORDER = { billing: ADDRESS, payment: { method: 'card' }, disclaimer: true };
const library = new Stripe('sk_test_unused');

type View = Readonly<Record<string, unknown>>;

describe('orders over HTTP', () => {
  let served: Served;
  let session: string;

  beforeEach(async () => {
    served = await serve({
      business: { payments: { processor: 'stripe', secrets: [SECRET], paymentLink: LINK } },
    });
    session = await signedIn('jennifer');
  });
  afterEach(() => served.close());

  async function signedIn(id: string): Promise<string> {
    const key = await served.key();
    const email = `${id}@example.com`;
    await served.send({ path: '/v1/accounts', key, body: { id, email } });
    const password = { key, body: { password: PASSWORD } };
    await served.send({ method: 'PUT', path: `/v1/accounts/${id}/password`, ...password });
    const body = { user: id, password: PASSWORD };
    return String((await served.send({ path: '/v1/sessions', key, body })).json['sessionToken']);
  }

  const as = async (...scopes: Scope[]) => served.key(...scopes);
  const mine = (path: string, body?: object, method = 'POST', key = session): Promise<Got> =>
    served.send({ method, path: `/v1/accounts/jennifer${path}`, key, body });
  const place = async (lines: object[]): Promise<View> =>
    (await mine('/orders', { ...ORDER, lines })).json['order'] as View;
  const order = async (id: unknown) =>
    (await mine(`/orders/${id}`, undefined, 'GET')).json['order'] as View;

  const event = (id: unknown, intent = 'pi_1') =>
    JSON.stringify({
      type: 'payment_intent.succeeded',
      data: { object: { id: intent, metadata: { order: id } } },
    });
  const signature = (payload: string, at = served.clock.at, secret = SECRET) =>
    library.webhooks.generateTestHeaderString({ payload, timestamp: at / 1000, secret });
  const webhook = (payload: string, header: string | undefined = signature(payload)) =>
    served.send({
      path: '/v1/payments/webhook',
      body: payload,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(header === '' ? {} : { 'stripe-signature': header }),
      },
    });

  it('go from the cart to the licence key, by the person and by billing', async () => {
    const lines = [{ product: 'phone', quantity: 2 }, { product: 'mobile-id' }];
    expect((await mine('/cart', { lines }, 'PUT')).status).to.equal(200);
    const { json } = await mine('/cart', undefined, 'GET');
    expect((json['cart'] as View)['lines']).to.have.length(2);
    const placed = await mine('/orders', ORDER);
    expect([placed.status, (placed.json['order'] as View)['state']]).to.deep.equal([201, 'placed']);
    const path = '/v1/orders/SO-10001/payment';
    const body = { reference: 'slip 7' };
    const paid = await served.send({ path, key: await as('payments'), body });
    expect(paid.json['result']).to.equal('paid');
    const view = await order('SO-10001');
    expect(view).to.deep.include({
      state: 'fulfilled',
      payment: { method: 'card', reference: 'slip 7' },
    });
    expect(view['lines']).to.deep.include({
      product: 'phone',
      name: 'Phone Based OTP - 1 Year (US Phone Service Only) without Proofing',
      quantity: 2,
      state: 'done',
      subscriptions: ['SO-10001-1-1', 'SO-10001-1-2'],
    });
    const sent = await mine('/orders/SO-10001/licence-keys', { subscription: 'SO-10001-2-1' });
    expect(sent.json['sent']).to.equal(1);
  });

  it('answer every refusal with its status and code', async () => {
    const refusals: (readonly [Got, number, string])[] = [
      [
        await mine('/orders', { ...ORDER, lines: [{ product: 'phone' }], disclaimer: false }),
        422,
        'disclaimerRequired',
      ],
      [await mine('/orders', ORDER), 409, 'notAllowedNow'],
      [await mine('/orders', { ...ORDER, lines: [{ product: 'none' }] }), 422, 'invalidInput'],
      [
        await mine('/orders', { ...ORDER, lines: [{ product: 'hardware-token' }] }),
        422,
        'invalidInput',
      ],
      [
        await mine(
          '/cart',
          { lines: [{ product: 'renewal', subscription: 'SO-10001-1-1' }] },
          'PUT',
        ),
        404,
        'notFound',
      ],
      [await mine('/orders/SO-10001', undefined, 'GET'), 404, 'notFound'],
      [await mine('/orders/nonsense', undefined, 'GET'), 422, 'invalidInput'],
    ];
    await place([{ product: 'phone' }]);
    refusals.push([await mine('/orders/SO-10001/licence-keys', {}), 409, 'orderUnpaid']);
    for (const [got, status, code] of refusals) {
      expect([got.status, got.json['code']], got.text).to.deep.equal([status, code]);
    }
  });

  it('of another account read as if there were none, and are for nobody else to see', async () => {
    const ada = await signedIn('ada');
    await place([{ product: 'phone' }]);
    const get = (path: string) => served.send({ method: 'GET', path, key: ada });
    const strip = ({ status, json: { requestId: _, ...rest } }: Got) => ({ status, rest });
    const [theirs, none] = [
      await get('/v1/accounts/ada/orders/SO-10001'),
      await get('/v1/accounts/ada/orders/SO-99999'),
    ].map(strip);
    expect(theirs).to.deep.equal(none);
    expect((await get('/v1/accounts/jennifer/orders/SO-10001')).status).to.equal(403);
    expect((await get('/v1/accounts/nobody/orders')).status).to.equal(403);
    expect((await get('/v1/orders')).status).to.equal(403);
  });

  it('are listed, shipped and cancelled by staff', async () => {
    const key = await as('orders:admin');
    await place([{ product: 'phone' }]);
    const body = { ...ORDER, shipping: ADDRESS, lines: [{ product: 'hardware-token' }] };
    await mine('/orders', body, 'POST', key);
    const list = async (query: string) => {
      const { json } = await served.send({ method: 'GET', path: `/v1/orders${query}`, key });
      return (json['items'] as View[]).map(({ id }) => id);
    };
    const payment = { path: '/v1/orders/SO-10002/payment', body: { reference: 'x' } };
    await served.send({ ...payment, key: await as('payments') });
    await served.send({ path: '/v1/orders/SO-10001/cancel', key });
    const parcel = { carrier: 'Post', serials: ['ft00000001'] };
    const shipped = await served.send({ path: '/v1/orders/SO-10002/shipment', key, body: parcel });
    const view = shipped.json['order'] as View;
    expect(view['expectedBy']).to.equal('2026-01-06T00:00:00.000Z');
    expect(view['shipments']).to.deep.equal([
      { ...parcel, serials: ['FT00000001'], shippedAt: '2026-01-01T00:00:00.000Z' },
    ]);
    expect(await list('')).to.deep.equal(['SO-10001', 'SO-10002']);
    expect(await list('?state=cancelled')).to.deep.equal(['SO-10001']);
    expect(await list('?purchaser=jennifer&state=fulfilled')).to.deep.equal(['SO-10002']);
    expect(await list('?reference=x')).to.deep.equal(['SO-10002']);
    expect(await list('?purchaser=nobody')).to.deep.equal([]);
  });

  it('are bought from a catalogue open to all, filtered by what is demanded', async () => {
    const products = async (query: string) => {
      const { json } = await served.send({ method: 'GET', path: `/v1/products${query}` });
      return (json['products'] as View[]).map(({ id }) => id);
    };
    expect(await products('')).to.have.length(16);
    expect(await products('?strength=hardwareToken&proofed=true')).to.deep.equal([
      'hardware-token-proofed',
      'mobile-id-hardware-token-proofed',
    ]);
    expect(await products('?strength=password')).to.have.length(14);
    const body = { name: 'plant', scopes: ['verify'], requiredStrength: 'hardwareToken' };
    const added = await served.send({ path: '/v1/applications', key: await served.key(), body });
    const id = added.json['id'];
    expect(await products(`?application=${id}`)).to.deep.equal([
      'hardware-token',
      'hardware-token-proofed',
      'mobile-id-hardware-token',
      'mobile-id-hardware-token-proofed',
    ]);
    expect(await products(`?application=${id}&proofed=true`)).to.have.length(2);
  });

  describe('paid by card', () => {
    const LINES = [{ product: 'phone' }];

    it('are carried out when the processor says so, once, however often', async () => {
      const { id } = await place(LINES);
      const payload = event(id);
      const replies = await Promise.all(Array.from({ length: 20 }, () => webhook(payload)));
      expect(replies.map(({ status }) => status)).to.deep.equal(Array(20).fill(200));
      const results = replies.map(({ json }) => json['result']).sort();
      expect(results).to.deep.equal([...Array(19).fill('known'), 'paid']);
      expect((await order(id))['receipts']).to.have.length(1);
      expect((await webhook(event(id, 'pi_2'))).json['result']).to.equal('unneeded');
      const audit = await served.store.auditPage({ after: 0, limit: 500 });
      const actors = audit.items.filter(({ action }) => action === 'receivePayment');
      expect(actors.map(({ actor }) => actor)).to.deep.equal(Array(2).fill('payments:stripe'));
    });

    it("are paid on the processor's page, which names them to its webhook", async () => {
      const { id, paymentLink } = await place(LINES);
      const link = new URL(String(paymentLink));
      expect(link.origin + link.pathname).to.equal('https://buy.stripe.com/test_1');
      expect(Object.fromEntries(link.searchParams)).to.deep.equal({
        locale: 'en',
        client_reference_id: id,
      });
      const invoice = { method: 'invoice', purchaseOrder: 'PO-1' };
      const other = await mine('/orders', { ...ORDER, lines: LINES, payment: invoice });
      expect(other.json['order']).not.to.have.property('paymentLink');
      const checkout = {
        ...{ id: 'cs_1', payment_intent: 'pi_1', payment_status: 'paid' },
        client_reference_id: link.searchParams.get('client_reference_id'),
      };
      const payload = JSON.stringify({
        type: 'checkout.session.completed',
        data: { object: checkout },
      });
      expect((await webhook(payload)).json['result']).to.equal('paid');
      const paid = await order(id);
      expect(paid['state']).to.equal('fulfilled');
      expect(paid).not.to.have.property('paymentLink');
    });

    it('stay unpaid by what the processor has not signed', async () => {
      const { id } = await place(LINES);
      const payload = event(id);
      const late = (served.clock.at - 301_000) as UnixMillis;
      const forged = [
        await webhook(payload, ''),
        await webhook(payload, 't=1,v1=x'),
        await webhook(payload, signature(payload, START, 'whsec_anotherSecretOfSomeLength')),
        await webhook(payload, signature(payload, late)),
        await webhook(`${payload} `, signature(payload)),
        await webhook(payload.replace('pi_1', 'pi_2'), signature(payload)),
      ];
      for (const { status, json } of forged) {
        expect([status, json['code']]).to.deep.equal([403, 'forbidden']);
      }
      expect((await order(id))['state']).to.equal('placed');
    });

    it('that do not exist are answered 200, and audited as ignored', async () => {
      for (const id of ['SO-99999', 'of another shop', 'x'.repeat(100)]) {
        const { status, json } = await webhook(event(id));
        expect([status, json['result']]).to.deep.equal([200, 'ignored']);
      }
      const { items } = await served.store.auditPage({ after: 0, limit: 500 });
      const ignored = items.filter(({ action }) => action === 'ignorePayment');
      expect(ignored.map(({ details }) => details)).to.deep.equal([
        { order: 'SO-99999', source: 'stripe', reference: 'pi_1' },
        { order: null, source: 'stripe', reference: 'pi_1' },
        { order: null, source: 'stripe', reference: 'pi_1' },
      ]);
    });

    it('that were cancelled meanwhile issue nothing', async () => {
      const { id } = await place(LINES);
      await mine(`/orders/${id}/cancel`);
      expect((await webhook(event(id))).json['result']).to.equal('unneeded');
      const { state, receipts } = await order(id);
      expect(state).to.equal('cancelled');
      expect(receipts).to.deep.include({
        source: 'stripe',
        reference: 'pi_1',
        at: '2026-01-01T00:00:00.000Z',
        unneeded: true,
      });
    });

    it('are told of in bodies of a bounded length and the right form', async () => {
      const long = await webhook(event('SO-10001', 'p'.repeat(300_000)));
      expect([long.status, long.json['code']]).to.deep.equal([413, 'bodyTooLarge']);
      expect((await webhook('{')).json['code']).to.equal('malformedBody');
      const body = event('SO-10001');
      const text = { 'content-type': 'text/plain', 'stripe-signature': signature(body) };
      const path = '/v1/payments/webhook';
      expect((await served.send({ path, body, headers: text })).status).to.equal(415);
    });
  });

  it('know no processor where none is set up', async () => {
    const bare = await serve();
    const headers = { 'content-type': 'application/json' };
    const got = await bare.send({ path: '/v1/payments/webhook', body: '{}', headers });
    expect(got.status).to.equal(404);
    await bare.close();
  });
});
