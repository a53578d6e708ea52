import { expect } from 'chai';
import { CART, CHECKOUT, INVOICE, marked, openShop, PHONE, type Shop, STORE } from './shop.ts';
import type { Visitor, World } from './world.ts';

const DAY_MILLIS = 86_400_000;

describe('the store and the cart', () => {
  let shop: Shop;
  let world: World;
  let visitor: Visitor;

  beforeEach(async () => {
    shop = await openShop();
    ({ world, visitor } = shop);
  });
  afterEach(() => shop.close());

  it("go from Purchase to an order's number, and to a license key once it is paid", async () => {
    await visitor.get('/account/otp/get');
    expect(visitor.shown?.html).to.contain(`href="${STORE}"`);
    await shop.add({ product: 'hardware-token', quantity: '2' });
    await visitor.follow();
    expect(visitor.shown?.text).to.contain('Added to your cart.');
    expect(visitor.shown?.text).to.contain('OTP Token (1 Year) without Proofing 2 pieces');
    expect(visitor.shown?.html).to.contain(`href="${CHECKOUT}">Proceed to Checkout`);
    const shown = await visitor.get(CHECKOUT);
    expect(shown.html).to.contain('value="Jennifer Blue"').and.to.contain('value="US" selected');
    await visitor.submit(INVOICE);
    const order = await visitor.follow();
    expect(order.text).to.contain('Thank you for your order. Its number is SO-10001.');
    expect(order.text).to.contain('A confirmation is mailed to jennifer@example.com.');
    expect(order.text).to.contain('Waiting for payment');
    expect(order.text).to.contain('Name order SO-10001 in your payment.');
    expect(order.text).to.contain('Payment Invoice, purchase order PO-4711');
    expect(order.text).to.contain('Jennifer Blue Iron Builders 1 Main Street Suite 5');
    expect(order.text).not.to.contain('Send license keys again');
    expect(await shop.licenceKeys()).to.deep.equal([]);
    await shop.pay();
    const after = await visitor.get('/account/orders/order?number=SO-10001');
    expect(after.text).to.contain('Completed');
    expect(after.text).to.contain('Subscriptions SO-10001-1-1 to SO-10001-1-2');
    expect(after.text).to.contain('Delivered by 6 Jan 2026');
    const keys = await shop.licenceKeys();
    expect(keys).to.have.length(2);
    for (const key of keys) {
      expect(key).to.match(/^[A-Z0-9]{5}(-[A-Z0-9]{5}){4}$/);
      expect(after.html).not.to.contain(key);
      expect((await shop.redeem(key)).status).to.equal(303);
    }
  });

  it('shows what suffices for a partner, a strength, proofing and a place', async () => {
    const demanding = { requiredStrength: 'hardwareToken', requiresProofing: true } as const;
    const { id } = await world.applications.add(
      { name: 'Wing <assembly>', scopes: ['verify'], ...demanding },
      world.caller(),
    );
    await world.applications.add({ name: 'Gate', scopes: ['verify'] }, world.caller());
    const offered = async (query: string) =>
      Array.from(
        (await visitor.get(STORE + query)).html.matchAll(/"product" value="([^"]+)"/g),
        String,
      ).map((input) => /value="([^"]+)"/.exec(input)?.[1]);
    expect(await offered('')).to.have.length(14);
    expect(visitor.shown?.html).to.contain('Wing &lt;assembly&gt;').and.not.to.contain('>Gate<');
    const two = ['hardware-token-proofed', 'mobile-id-hardware-token-proofed'];
    expect(await offered(`?application=${id}`)).to.deep.equal(two);
    expect(await offered('?strength=hardwareToken&proofed=yes')).to.deep.equal(two);
    expect(await offered('?where=us')).not.to.include('international-phone');
    expect(await offered('?where=abroad&proofed=yes')).to.deep.equal([
      'hardware-token-proofed',
      'international-phone-proofed',
      'mobile-id-proofed',
      'mobile-id-hardware-token-proofed',
      'mobile-id-international-phone-proofed',
    ]);
    expect(await offered('?application=nobody&strength=<b>&where=x')).to.have.length(14);
  });

  it('keeps what was chosen when a product, a quantity or an address is refused', async () => {
    for (const [fields, name, said] of [
      [{ product: 'nothing' }, undefined, 'Choose a product.'],
      [{ product: 'phone', quantity: '0' }, 'quantity', 'A line has 1 to 100 units.'],
      [{ product: 'phone', quantity: '101' }, 'quantity', 'A line has 1 to 100 units.'],
      [{ product: 'phone', quantity: '-1' }, 'quantity', 'A line has 1 to 100 units.'],
      [{ product: 'phone', quantity: '9999999999' }, 'quantity', 'A line has 1 to 100 units.'],
      [{ product: 'phone', quantity: '' }, 'quantity', 'The quantity is no whole number.'],
      [{ product: 'phone', quantity: '1e1' }, 'quantity', 'The quantity is no whole number.'],
      [{ product: 'phone', quantity: '٣' }, 'quantity', 'The quantity is no whole number.'],
      [{ product: 'phone', quantity: '1.5' }, 'quantity', 'The quantity is no whole number.'],
      ...['ada@example.com,', 'ada,b@example.com', 'Ada<ada@example.com>', '"ada"@example.com'].map(
        (recipient) =>
          [
            { product: 'phone', recipient },
            'recipient',
            "The recipient's e-mail address cannot be read.",
          ] as const,
      ),
      [
        { product: 'phone', recipient: '"><b>x' },
        'recipient',
        "The recipient's e-mail address cannot be read.",
      ],
      [
        { product: 'phone', recipient: `${'a'.repeat(250)}@example.com` },
        'recipient',
        "The recipient's e-mail address is too long.",
      ],
    ] as const) {
      const shown = await shop.add(fields);
      expect(shown.status, said).to.equal(422);
      expect(shown.text).to.contain(said);
      expect(marked(shown)).to.deep.equal(name === undefined ? [] : [name]);
      expect(shown.html).not.to.contain('<b>x');
      if (fields.product === 'phone') expect(shown.html).to.contain('value="phone" checked');
    }
    expect(await shop.quantities()).to.deep.equal([]);
  });

  it('offers the renewal in place of a new one, unless that is additional', async () => {
    const expiresAt = (world.room.now + 10 * DAY_MILLIS) as never;
    const id = await world.bought.subscribe('hardware-token', { expiresAt, stage: 'active' });
    const refused = await shop.add({ product: 'hardware-token' });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain(`Subscription ${id} of this type can be renewed.`);
    expect(refused.html).to.contain('href="/account/renewals">Renew it instead');
    await visitor.submit({ product: 'hardware-token', quantity: '1', additional: 'yes' });
    expect((await visitor.follow()).text).to.contain('Beside one that could be renewed');
  });

  it('changes quantities, takes lines out, and empties the cart', async () => {
    await shop.fill(PHONE, { product: 'mobile-id', recipient: 'ada@example.com' });
    await visitor.get(CART);
    expect(visitor.shown?.text).to.contain('For ada@example.com');
    await visitor.submit({ step: 'change', line: '1', quantity: '7' });
    await visitor.follow();
    expect(await shop.quantities()).to.deep.equal([1, 7]);
    const refused = await visitor.submit({ step: 'change', line: '0', quantity: '0' });
    expect(refused.status).to.equal(422);
    expect(marked(refused)).to.deep.equal(['quantity']);
    expect(refused.text).to.contain('A line has 1 to 100 units.');
    await visitor.submit({ step: 'remove', line: '0' });
    expect(await shop.quantities()).to.deep.equal([7]);
    await visitor.get(CART);
    await visitor.submit({ step: 'empty' });
    expect((await visitor.follow()).text).to.contain('Your cart is empty');
    const { text } = await visitor.get(`${CART}?done=added`);
    expect(text).not.to.contain('Added to your cart.');
    expect((await visitor.get(CHECKOUT)).headers['location']).to.equal(CART);
  });

  it('names the subscription that stands in the way, and blames no quantity for it', async () => {
    const expiresAt = (world.room.now + 10 * DAY_MILLIS) as never;
    const subscription = await world.bought.subscribe('phone', { expiresAt, stage: 'active' });
    await shop.fill({ product: 'mobile-id' }, { product: 'renewal', subscription });
    world.room.pass(400 * DAY_MILLIS);
    const later = await world.signedIn();
    await later.get(CART);
    const refused = await later.submit({ step: 'change', line: '0', quantity: '3' });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain(`Subscription ${subscription} is revoked`);
    expect(marked(refused)).to.deep.equal([]);
  });

  it('takes no line out of another cart than was shown', async () => {
    await shop.fill(PHONE);
    await visitor.get(CART);
    await shop.fill({ product: 'mobile-id' });
    const refused = await visitor.submit({ step: 'remove', line: '0' });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.contain('The cart was changed after it was reviewed.');
    expect(await shop.quantities()).to.deep.equal([1, 1]);
  });
});
