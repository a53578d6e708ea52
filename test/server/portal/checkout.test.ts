import { expect } from 'chai';
import {
  ACCOUNT,
  ADDRESS,
  CHECKOUT,
  INVOICE,
  marked,
  openShop,
  PHONE,
  type Shop,
  TOKEN,
} from './shop.ts';
import { PASSWORD, USER, type Visitor, type World } from './world.ts';

const DAY_MILLIS = 86_400_000;

describe('the checkout', () => {
  let shop: Shop;
  let world: World;
  let visitor: Visitor;

  beforeEach(async () => {
    shop = await openShop();
    ({ world, visitor } = shop);
  });
  afterEach(() => shop.close());

  it('asks for no shipping address where nothing is sent, and fills in the last one', async () => {
    await shop.fill(PHONE);
    expect((await visitor.get(CHECKOUT)).text).not.to.contain('Shipping address');
    await visitor.submit({ ...INVOICE, method: 'card' });
    const order = await visitor.follow();
    expect(order.text).to.contain('Payment Credit card').and.to.contain('within 24 hours');
    expect(order.text).not.to.contain('Shipping address');
    await shop.fill(TOKEN);
    const { html } = await visitor.get(CHECKOUT);
    expect(html).to.contain('1 Main Street\nSuite 5</textarea>');
    expect(html).to.contain('value="22150"');
    expect(html).to.match(/value="card" id="method-card" checked/);
  });

  it('sends to another address than the bill goes to', async () => {
    await shop.fill(TOKEN);
    const other = Object.entries(ADDRESS).map(([name, value]) => [
      name.replace('billing', 'shipping'),
      value.replace('Springfield', 'Reston'),
    ]);
    await shop.checkOut({ ...INVOICE, shipTo: 'other', ...Object.fromEntries(other) });
    const order = await shop.order();
    expect([order.billing.city, order.shipping?.city]).to.deep.equal(['Springfield', 'Reston']);
    await shop.fill(TOKEN);
    expect((await visitor.get(CHECKOUT)).html).to.match(/value="other" id="ship-to-other" checked/);
  });

  it('is refused by its fields, which it marks and names, and keeps what was typed', async () => {
    await shop.fill(TOKEN);
    for (const [changed, names, said] of [
      [{ disclaimer: '' }, ['disclaimer'], 'Review the disclaimer, and confirm it.'],
      [{ method: '' }, [], 'Choose a payment method.'],
      [{ purchaseOrder: ' ' }, ['purchaseOrder'], "The purchase order's number is missing."],
      [
        { 'billing-name': ' ', 'billing-lines': '\n', 'billing-city': '' },
        ['billing-name', 'billing-lines', 'billing-city'],
        'Street and house of the billing address is missing.',
      ],
      [
        { 'billing-lines': 'a\nb\nc\nd\ne' },
        ['billing-lines'],
        'Street and house of the billing address has too many lines.',
      ],
      [{ 'billing-postcode': '1'.repeat(21) }, ['billing-postcode'], 'is too long.'],
      [
        { 'billing-country': 'XX' },
        ['billing-country'],
        'Choose the country of the billing address.',
      ],
      [{ shipTo: 'other' }, ['shipping-name'], 'Name of the shipping address is missing.'],
    ] as const) {
      const typed = { ...INVOICE, 'billing-region': '"><b>Virginia', ...changed };
      const shown = await shop.checkOut(typed);
      expect(shown.status, said).to.equal(422);
      expect(shown.text).to.contain(said);
      expect(marked(shown), said).to.include.members([...names]);
      expect(shown.html).to.contain('value="&quot;&gt;&lt;b&gt;Virginia"');
      expect(shown.html).to.contain('<title>Error: Checkout');
    }
    expect(await shop.ordered()).to.deep.equal([]);
    expect(await shop.quantities()).to.deep.equal([1]);
  });

  it('orders once, however often the form is sent', async () => {
    await shop.fill(PHONE);
    await visitor.get(CHECKOUT);
    const other = await world.signedIn();
    await other.get(CHECKOUT);
    const sent = await Promise.all([
      visitor.submit(INVOICE),
      visitor.submit(INVOICE),
      other.submit(INVOICE),
    ]);
    const leadsTo = '/account/orders/order?number=SO-10001&done=placed';
    expect(sent.map(({ headers }) => headers['location'])).to.deep.equal(Array(3).fill(leadsTo));
    expect(await shop.ordered()).to.deep.equal(['SO-10001']);
    expect(await shop.mails('invoice')).to.have.length(1);
  });

  it('orders nothing that was not reviewed', async () => {
    await shop.fill(PHONE);
    await visitor.get(CHECKOUT);
    await shop.fill({ product: 'mobile-id', quantity: 50 });
    const refused = await visitor.submit(INVOICE);
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('The cart was changed after it was reviewed.');
    expect(refused.text).to.contain('50 pieces');
    expect(refused.html).to.contain('value="PO-4711"');
    expect(await shop.ordered()).to.deep.equal([]);
    await visitor.submit(INVOICE);
    expect(await shop.ordered()).to.deep.equal(['SO-10001']);
  });

  it('keeps what was typed when the session has ended before it is sent', async () => {
    await shop.fill(TOKEN);
    await visitor.get(CHECKOUT);
    const typed = { ...INVOICE, 'billing-city': '"><b>Springfield' };
    const open = visitor.shown;
    await world.sessions.endAll(ACCOUNT, world.caller());
    const ended = await visitor.submit(typed);
    expect([ended.status, ended.html.includes('Submit Order')]).to.deep.equal([403, false]);
    expect(ended.text).to.contain('sign in in another tab, then reload this page');
    await visitor.get('/sign-in');
    await visitor.submit({ step: 'password', user: USER, password: PASSWORD });
    visitor.shown = open;
    const again = await visitor.submit(typed);
    expect(again.status).to.equal(403);
    expect(again.text).to.contain('nothing was ordered').and.to.contain('Submit Order');
    expect(again.html).to.contain('value="&quot;&gt;&lt;b&gt;Springfield"');
    expect(await shop.ordered()).to.deep.equal([]);
    await visitor.submit(typed);
    expect(await shop.ordered()).to.deep.equal(['SO-10001']);
  });

  it('takes every field as long as it may be, in any script', async () => {
    await shop.fill(TOKEN);
    const lengths = { lines: 803, postcode: 20, country: 0 };
    const longest = (of: string) =>
      Object.fromEntries(
        ['name', 'organisation', 'lines', 'city', 'region', 'postcode'].map((field) => {
          const length = field in lengths ? lengths[field as keyof typeof lengths] : 200;
          const text = '漢'.repeat(length);
          return [`${of}-${field}`, text.replace(/(.{200})./g, '$1\n')];
        }),
      );
    await shop.checkOut({
      ...{ ...INVOICE, purchaseOrder: '漢'.repeat(100), shipTo: 'other', 'shipping-country': 'JP' },
      ...longest('billing'),
      ...longest('shipping'),
    });
    const { billing, shipping } = await shop.order();
    expect(billing.lines.map(({ length }) => length)).to.deep.equal([200, 200, 200, 200]);
    expect(shipping?.name).to.equal('漢'.repeat(200));
  });

  it('says on the checkout what cannot be ordered any more', async () => {
    const expiresAt = (world.room.now + DAY_MILLIS) as never;
    const subscription = await world.bought.subscribe('phone', { expiresAt, stage: 'active' });
    await shop.fill({ product: 'renewal', subscription });
    await visitor.get(CHECKOUT);
    expect(visitor.shown?.text).to.contain(`For subscription ${subscription}`);
    await visitor.submit(INVOICE);
    await shop.fill({ product: 'renewal', subscription });
    const refused = await shop.checkOut();
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain(`This is ordered for subscription ${subscription} already.`);
  });
});
