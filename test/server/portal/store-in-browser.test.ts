import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { OrderNumber } from '../../../shared/types.ts';
import { browsing, LOOKS } from './browsing.ts';
import { ACCOUNT } from './shop.ts';

const DAY_MILLIS = 86_400_000;

describe('the store, in a browser without scripts', () => {
  const at = browsing(async (world) => {
    const profile = {
      ...{ legalName: 'Jennifer Blue', country: 'US', organisation: 'Iron Builders' },
      email: 'jennifer@example.com',
    };
    await world.room.accounts.change(ACCOUNT, profile, world.caller());
    await world.applications.add(
      { name: 'Wing assembly', scopes: ['verify'], requiredStrength: 'hardwareToken' },
      world.caller(),
    );
  });
  const { signIn, click, follow, inspect } = at;
  const fillBilling = async (page: Page): Promise<void> => {
    const billing = page.getByRole('region', { name: 'Billing address' });
    await billing.getByLabel('Street and house').fill('1 Main Street\nSuite 5');
    await billing.getByLabel('City').fill('Springfield');
    await billing.getByLabel('State or province').fill('Virginia');
  };

  for (const [what, options] of LOOKS) {
    it(`is ordered from, and keeps nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const { world } = at;
      const page = await at.open(options);
      await page.goto(`${world.url}/sign-in?return=/account/otp/get`);
      await signIn();
      await page.goto(`${world.url}/account/store/cart`);
      await inspect('cart-empty');
      await page.goto(`${world.url}/account/otp/get`);
      await follow('Purchase');
      await inspect('store');
      await page.getByLabel('Partner or application').selectOption('Wing assembly');
      await page.getByLabel('With identity proofing').check();
      await click('Show what suffices');
      await page.getByLabel('OTP Token (1 Year) with Proofing').first().check();
      await page.getByLabel("Recipient's e-mail address").fill('ada@example');
      await page.getByLabel('Quantity').fill('12');
      await inspect('store-narrowed');
      await click('Add to Cart');
      const renewable = { expiresAt: (world.room.now + DAY_MILLIS) as never };
      const subscription = await world.bought.subscribe('phone', renewable);
      await page.goto(`${world.url}/account/store`);
      await page.getByLabel('Phone Based OTP').first().check();
      await click('Add to Cart');
      await inspect('store-refused');
      await page.getByLabel('I want a new one').check();
      await click('Add to Cart');
      const person = world.bought.person('password');
      await world.orders.addToCart(ACCOUNT, [{ product: 'renewal', subscription }], person);
      await page.goto(`${world.url}/account/store/cart?done=added`);
      await page.getByLabel('Quantity').first().fill('3');
      await click(/^Update of OTP Token/);
      await inspect('cart');
      await follow('Proceed to Checkout');
      await inspect('checkout');
      expect(await page.getByLabel('PO (purchase').isVisible()).to.equal(false);
      await page.getByLabel('Invoice, against').check();
      await page.getByLabel('PO (purchase').fill(' ');
      await page.getByLabel('Another address').check();
      await fillBilling(page);
      await page.getByLabel('I have reviewed the disclaimer').check();
      await click('Submit Order');
      await inspect('checkout-refused');
      await page.evaluate("document.querySelector('form.checkout').noValidate = true");
      await page.evaluate("document.querySelector('form.checkout').reset()");
      await page.evaluate("document.querySelector('#method-invoice').checked = false");
      await page.getByLabel('I have reviewed the disclaimer').uncheck();
      await click('Submit Order');
      await inspect('checkout-unchosen');
      await page.getByLabel('Invoice, against').check();
      await page.getByLabel('PO (purchase').fill('PO-4711');
      await page.getByLabel('The billing address').check();
      await page.getByLabel('I have reviewed the disclaimer').check();
      await click('Submit Order');
      await inspect('order-placed');
      const id = 'SO-10001' as OrderNumber;
      await follow('Cancel the order');
      await inspect('order-cancel');
      const payment = { order: id, source: 'manual', reference: 'slip 1' } as const;
      await world.orders.receive(payment, world.caller());
      const shipment = { carrier: 'Blue Post', tracking: '1Z999AA10123456784' };
      await world.orders.ship(id, shipment, world.caller());
      await page.goto(`${world.url}/account/orders`);
      await inspect('orders');
      await follow('SO-10001');
      await inspect('order-paid');
      await click('Send license keys again');
      await inspect('order-keys-sent');
    });
  }
});
