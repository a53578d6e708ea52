import { expect } from 'chai';
import type { AccountId, OrderNumber } from '../../../shared/types.ts';
import {
  ACCOUNT,
  CART,
  CHECKOUT,
  INVOICE,
  openShop,
  PHONE,
  type Shop,
  STORE,
  TOKEN,
} from './shop.ts';
import { PASSWORD, type Shown, USER, type Visitor, type World } from './world.ts';

describe('orders on the pages', () => {
  let shop: Shop;
  let world: World;
  let visitor: Visitor;

  beforeEach(async () => {
    shop = await openShop();
    ({ world, visitor } = shop);
  });
  afterEach(() => shop.close());

  it('cancels an unpaid order after asking, and a paid one not', async () => {
    await shop.fill(PHONE);
    await shop.checkOut();
    const order = await visitor.follow();
    expect(order.html).to.contain('href="/account/orders/cancel?number=SO-10001"');
    await visitor.get('/account/orders/cancel?number=SO-10001');
    expect(visitor.shown?.text).to.contain('Cancel order SO-10001?');
    expect((await shop.order()).state).to.equal('placed');
    await visitor.submit({ confirmed: 'yes' });
    expect((await visitor.follow()).text).to.contain('The order is cancelled.');
    const [entry] = (await world.room.audit()).slice(-1);
    expect(entry).to.include({ action: 'cancelOrder', actor: `account:${USER}` });
    await shop.fill(PHONE);
    await shop.checkOut();
    await visitor.get('/account/orders/cancel?number=SO-10002');
    await shop.pay('SO-10002');
    const refused = await visitor.submit({ confirmed: 'yes' });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('cannot be cancelled any more');
    const page = await visitor.get('/account/orders/cancel?number=SO-10002');
    expect(page.headers['location']).to.equal('/account/orders/order?number=SO-10002');
  });

  it('sends license keys again, and says when each is used', async () => {
    await shop.fill(PHONE);
    await shop.checkOut();
    await shop.pay();
    await visitor.get('/account/orders/order?number=SO-10001');
    const page = visitor.shown;
    await Promise.all([1, 2, 3].map(() => visitor.submit({ step: 'sendKeys' })));
    expect((await shop.order()).keySendings, 'three clicks').to.equal(1);
    visitor.shown = page;
    await visitor.submit({ step: 'sendKeys' });
    expect((await visitor.follow()).text).to.contain('Other license keys are on their way.');
    const [old, fresh] = await shop.licenceKeys();
    expect((await shop.redeem(old)).status).to.equal(404);
    expect((await shop.redeem(fresh)).status).to.equal(303);
    await visitor.get('/account/orders/order?number=SO-10001');
    const refused = await visitor.submit({ step: 'sendKeys' });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('No license key of this order waits to be used.');
  });

  it('leads to where a card is charged, as long as it waits for that', async () => {
    const paymentLink = new URL('https://buy.stripe.com/test_1?a="><b>');
    const paying = await openShop({ paymentLink });
    const { visitor: payer } = paying;
    const link = () => /href="(https:[^"]+)">Pay by card/.exec(payer.shown?.html ?? '')?.[1];
    await paying.fill(PHONE);
    await paying.checkOut({ ...INVOICE, method: 'card' });
    await payer.follow();
    const address = 'https://buy.stripe.com/test_1?a=%22%3E%3Cb%3E&client_reference_id=SO-10001';
    expect(link()).to.equal(address.replace('&', '&amp;'));
    expect(payer.shown?.text).not.to.contain('customer support');
    const [mail] = await paying.mails('orderConfirmation');
    expect(mail?.values['payment']).to.equal(`card, at ${address}`);
    await paying.pay();
    await payer.get('/account/orders/order?number=SO-10001');
    expect(link()).to.equal(undefined);
    await paying.fill(PHONE);
    await paying.checkOut();
    await payer.follow();
    expect(link(), 'by invoice').to.equal(undefined);
    const [, invoiced] = await paying.mails('orderConfirmation');
    expect(invoiced?.values['payment']).to.equal('purchase order PO-4711');
    await paying.close();
  });

  it('tells of shipments, with carrier and tracking', async () => {
    await shop.fill(TOKEN);
    await shop.checkOut();
    await shop.pay();
    const shipment = { carrier: 'Blue & Sons', tracking: '1Z<b>999' };
    await shop.orders.ship('SO-10001' as OrderNumber, shipment, world.caller());
    const { text, html } = await visitor.get('/account/orders/order?number=SO-10001');
    expect(text).to.contain('Carrier Blue & Sons').and.to.contain('Tracking 1Z<b>999');
    expect(html).not.to.contain('<b>999');
  });

  it('lists orders by pages, the newest first', async () => {
    expect((await visitor.get('/account/orders')).text).to.contain('You have ordered nothing yet.');
    const payment = { method: 'card' } as const;
    const billing = { name: 'J', lines: ['1 Main Street'], city: 'Reston', country: 'US' };
    for (let count = 0; count < 23; count += 1) {
      const order = { lines: [PHONE], payment, billing, disclaimer: true };
      await shop.orders.place(
        ACCOUNT,
        order,
        count % 2 === 0 ? world.bought.person('password') : world.caller(),
      );
    }
    const numbers = ({ html }: Shown) => Array.from(html.matchAll(/>(SO-\d+)</g), ([, id]) => id);
    const first = numbers(await visitor.get('/account/orders'));
    expect(first).to.have.length(20);
    expect(first.slice(0, 2)).to.deep.equal(['SO-10023', 'SO-10022']);
    const [, older = ''] = /href="([^"]+)">Older orders/.exec(visitor.shown?.html ?? '') ?? [];
    expect(numbers(await visitor.get(older))).to.deep.equal(['SO-10003', 'SO-10002', 'SO-10001']);
    expect(visitor.shown?.html).to.contain('>The newest<').and.not.to.contain('Older orders');
  });

  describe('of somebody else', () => {
    let mallory: Visitor;

    beforeEach(async () => {
      const id = 'mallory' as AccountId;
      await world.room.account(id);
      await world.passwords.set(id, PASSWORD, world.caller());
      mallory = await world.signedIn(id);
      await shop.fill(PHONE);
      await shop.checkOut();
    });

    it('an order reads as one that does not exist, whatever is asked of it', async () => {
      const texts = new Set<string>();
      for (const number of ['SO-10001', 'SO-99999', 'x', '', '../../etc']) {
        const query = new URLSearchParams({ number });
        for (const page of ['order', 'cancel']) {
          const path = `/account/orders/${page}?${query}`;
          const fields = { confirmed: 'yes', step: 'sendKeys', sendings: '0' };
          for (const shown of [await mallory.get(path), await mallory.make(path, fields)]) {
            expect(shown.status, path).to.equal(404);
            texts.add(shown.text);
          }
        }
        const list = `/account/orders?${new URLSearchParams({ from: number })}`;
        texts.add((await mallory.get(list)).text);
      }
      expect([...texts]).to.have.length(1);
      expect((await shop.order()).state).to.equal('placed');
      expect((await mallory.get('/account/orders')).text).not.to.contain('SO-10001');
    });

    it('an address is filled in for nobody but its purchaser', async () => {
      await mallory.get(STORE);
      await mallory.submit({ product: 'phone', quantity: '1' });
      const { html } = await mallory.get(CHECKOUT);
      expect(html).not.to.contain('Jennifer').and.not.to.contain('Main Street');
      expect(html).to.contain('Your account has no e-mail address');
    });
  });

  it("does nothing by a link, by another site's form, or for who has not signed in", async () => {
    await shop.fill(PHONE);
    const before = (await world.room.audit()).length;
    const form = /name="form" value="([^"]+)"/.exec((await visitor.get(CART)).html)?.[1] ?? '';
    for (const [path, fields] of [
      [STORE, { product: 'phone', quantity: '1' }],
      [CART, { step: 'empty' }],
      [CHECKOUT, INVOICE],
    ] as const) {
      const body = new URLSearchParams({ form, ...fields }).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const foreign = { headers: { ...type, 'sec-fetch-site': 'cross-site' }, body };
      expect((await visitor.send('POST', path, foreign)).status, path).to.equal(403);
      expect((await visitor.get(`${path}?${body}`)).status, path).to.equal(200);
      const stranger = await world.visitor().get(path);
      expect(String(stranger.headers['location']), path).to.match(/^\/sign-in\?return=/);
    }
    expect((await world.room.audit()).length).to.equal(before);
    expect(await shop.ordered()).to.deep.equal([]);
  });
});
