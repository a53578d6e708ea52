import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import type { AccountId, OrderNumber } from '../../../shared/types.ts';
import { browserOrSkip, type TestBrowser } from '../../support/browser.ts';
import { inspectPage, LOOKS, openPage } from './browsing.ts';
import { openWorld, PASSWORD, USER, type World } from './world.ts';

const DAY_MILLIS = 86_400_000;
const ACCOUNT = USER as AccountId;

describe('the store, in a browser without scripts', () => {
  let test: TestBrowser;
  let world: World;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    test = await browserOrSkip(this);
  });
  after(() => test?.browser.close());
  beforeEach(async () => {
    world = await openWorld();
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
  afterEach(async () => {
    await context.close();
    await world.close();
    expect(complaints.splice(0)).to.deep.equal([]);
    expect(world.logged).to.deep.equal([]);
  });

  const click = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' }).click();
  const follow = (name: string | RegExp) => page.getByRole('link', { name }).first().click();
  const fillBilling = async (): Promise<void> => {
    const billing = page.getByRole('region', { name: 'Billing address' });
    await billing.getByLabel('Street and house').fill('1 Main Street\nSuite 5');
    await billing.getByLabel('City').fill('Springfield');
    await billing.getByLabel('State or province').fill('Virginia');
  };

  for (const [what, options] of LOOKS) {
    it(`is ordered from, and keeps nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const on = { url: world.url, complaints };
      ({ context, page } = await openPage(test.browser, options, on));
      await page.goto(`${world.url}/sign-in?return=/account/otp/get`);
      await page.getByLabel('User ID').fill(USER);
      await page.getByLabel('Password').fill(PASSWORD);
      await click('Sign in');
      await page.goto(`${world.url}/account/store/cart`);
      await inspectPage(page, 'cart-empty');
      await page.goto(`${world.url}/account/otp/get`);
      await follow('Purchase');
      await inspectPage(page, 'store');
      await page.getByLabel('Partner or application').selectOption('Wing assembly');
      await page.getByLabel('With identity proofing').check();
      await click('Show what suffices');
      await page.getByLabel('OTP Token (1 Year) with Proofing').first().check();
      await page.getByLabel("Recipient's e-mail address").fill('ada@example');
      await page.getByLabel('Quantity').fill('12');
      await inspectPage(page, 'store-narrowed');
      await click('Add to Cart');
      const renewable = { expiresAt: (world.room.now + DAY_MILLIS) as never };
      const subscription = await world.bought.subscribe('phone', renewable);
      await page.goto(`${world.url}/account/store`);
      await page.getByLabel('Phone Based OTP').first().check();
      await click('Add to Cart');
      await inspectPage(page, 'store-refused');
      await page.getByLabel('I want a new one').check();
      await click('Add to Cart');
      const person = world.bought.person('password');
      await world.orders.addToCart(ACCOUNT, [{ product: 'renewal', subscription }], person);
      await page.goto(`${world.url}/account/store/cart?done=added`);
      await page.getByLabel('Quantity').first().fill('3');
      await click(/^Update of OTP Token/);
      await inspectPage(page, 'cart');
      await follow('Proceed to Checkout');
      await inspectPage(page, 'checkout');
      expect(await page.getByLabel('PO (purchase').isVisible()).to.equal(false);
      await page.getByLabel('Invoice, against').check();
      await page.getByLabel('PO (purchase').fill(' ');
      await page.getByLabel('Another address').check();
      await fillBilling();
      await page.getByLabel('I have reviewed the disclaimer').check();
      await click('Submit Order');
      await inspectPage(page, 'checkout-refused');
      await page.evaluate("document.querySelector('form.checkout').noValidate = true");
      await page.evaluate("document.querySelector('form.checkout').reset()");
      await page.evaluate("document.querySelector('#method-invoice').checked = false");
      await page.getByLabel('I have reviewed the disclaimer').uncheck();
      await click('Submit Order');
      await inspectPage(page, 'checkout-unchosen');
      await page.getByLabel('Invoice, against').check();
      await page.getByLabel('PO (purchase').fill('PO-4711');
      await page.getByLabel('The billing address').check();
      await page.getByLabel('I have reviewed the disclaimer').check();
      await click('Submit Order');
      await inspectPage(page, 'order-placed');
      const id = 'SO-10001' as OrderNumber;
      await follow('Cancel the order');
      await inspectPage(page, 'order-cancel');
      const payment = { order: id, source: 'manual', reference: 'slip 1' } as const;
      await world.orders.receive(payment, world.caller());
      const shipment = { carrier: 'Blue Post', tracking: '1Z999AA10123456784' };
      await world.orders.ship(id, shipment, world.caller());
      await page.goto(`${world.url}/account/orders`);
      await inspectPage(page, 'orders');
      await follow('SO-10001');
      await inspectPage(page, 'order-paid');
      await click('Send license keys again');
      await inspectPage(page, 'order-keys-sent');
    });
  }
});
