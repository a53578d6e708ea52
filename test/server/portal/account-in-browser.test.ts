import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import type { AccountId } from '../../../shared/types.ts';
import { browserOrSkip, type TestBrowser } from '../../support/browser.ts';
import { inspectPage, LOOKS, openPage } from './browsing.ts';
import { openWorld, PASSWORD, USER, type World } from './world.ts';

const DAY_MILLIS = 86_400_000;
const LEGAL_NAME = 'Jennifer Blue';

describe('the pages of the own account, in a browser without scripts', () => {
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
    await world.room.accounts.change(
      USER as AccountId,
      { name: LEGAL_NAME, legalName: LEGAL_NAME, country: 'US' },
      world.caller(),
    );
  });
  afterEach(async () => {
    await context.close();
    await world.close();
    expect(complaints.splice(0)).to.deep.equal([]);
    expect(world.logged).to.deep.equal([]);
  });

  const signIn = async (): Promise<void> => {
    await page.goto(`${world.url}/sign-in?return=/account/otp`);
    await page.getByLabel('User ID').fill(USER);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.goto(`${world.url}/account/otp`);
  };
  const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const follow = (name: string | RegExp) => page.getByRole('link', { name }).first().click();
  const redeem = async (key: string): Promise<void> => {
    await page.goto(`${world.url}/account/otp/get`);
    await page.getByLabel('License Key', { exact: true }).fill(key);
    await click('Continue');
    await page.waitForURL(/set-up/);
  };

  for (const [what, options] of LOOKS) {
    const open = async (): Promise<void> => {
      const on = { url: world.url, complaints };
      ({ context, page } = await openPage(test.browser, options, on));
      await signIn();
    };

    it(`set up a token, a phone and a renewal, and keep nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const { key } = await world.sell('hardware-token');
      const serial = await world.room.stock('E6-00000001');
      await open();
      await inspectPage(page, 'otp-empty');
      await follow('Purchase or Register Credentials');
      await page.getByLabel('License Key', { exact: true }).fill('AAAAA');
      await click('Continue');
      await inspectPage(page, 'get-refused');
      await redeem(key);
      await inspectPage(page, 'set-up-activate');
      await click('Activate');
      await page.getByLabel('Token Serial Number').fill(serial);
      await page.getByLabel('Token Code 1').fill('123456');
      await page.getByLabel('Token Code 2').fill('654321');
      await click('Submit');
      await inspectPage(page, 'set-up-register-refused');
      const [code1, code2] = world.room.pair(serial);
      world.room.pass(60_000);
      await page.getByLabel('Token Code 1').fill(code1);
      await page.getByLabel('Token Code 2').fill(code2);
      await click('Submit');
      await inspectPage(page, 'set-up-active');
      world.room.pass(340 * DAY_MILLIS);
      await signIn();
      await inspectPage(page, 'otp-renewable');
      await follow(/^Renew/);
      await inspectPage(page, 'renew');
      await follow('Subscription Renewals');
      await inspectPage(page, 'renewals-own');
      await page.goBack();
      await click('Add to Cart');
      await page.goto(`${world.url}/account/otp`);
      await page.getByText('View Details').click();
      await inspectPage(page, 'otp-details');
      await follow(/^I have lost it/);
      await inspectPage(page, 'lost');
      await click('I have lost it');
      await inspectPage(page, 'otp-lost');
      await follow(/^I have found it/);
      await inspectPage(page, 'found-too-weak');
      await page.goto(`${world.url}/account/otp`);
      await page.getByText('View Details').click();
      await follow(/^Revoke/);
      await inspectPage(page, 'revoke');
      await click('OK');
      await inspectPage(page, 'otp-revoked');
    });

    it(`renew for several people, and upgrade: ${what}`, async function () {
      this.timeout(60_000);
      const henry = await world.room.account('henry');
      const organisation = 'Iron Builders LLC';
      const { accounts } = world.room;
      const roles = ['organisationAdmin'] as const;
      await accounts.change(USER as AccountId, { organisation, roles }, world.caller());
      await accounts.change(henry, { organisation, name: 'Henry Steel' }, world.caller());
      const id = await world.bought.subscribe('hardware-token', { organisation, stage: 'active' });
      await world.bought.subscribe('international-phone', { account: henry, organisation });
      const late = { expiresAt: (world.room.now + DAY_MILLIS) as never };
      await world.bought.subscribe('mobile-id', { account: henry, organisation, ...late });
      world.room.pass(340 * DAY_MILLIS);
      await open();
      await follow('Subscription Renewals');
      await page.getByRole('button', { name: 'Add to Cart' }).click();
      await inspectPage(page, 'renewals-none-chosen');
      await page.getByLabel('Henry Steel').first().check();
      await click('Add to Cart');
      await page.goto(`${world.url}/account/renewals`);
      await inspectPage(page, 'renewals');
      await page.getByLabel('OTP type').selectOption('phoneOtp');
      await page.getByLabel('User').fill('two people');
      await click('Filter');
      await inspectPage(page, 'renewals-filter-refused');
      await page.getByLabel('User').fill('blue_j');
      await click('Filter');
      await inspectPage(page, 'renewals-nothing');
      await page.goto(`${world.url}/account/otp`);
      await follow(/^Proofing Upgrade/);
      await inspectPage(page, 'upgrade');
      expect(page.url()).to.contain(id);
      await page.getByLabel('I understand the requirements').check();
      await click('Add to Cart');
      await page.waitForURL(/cart/);
      await page.goBack();
      await page.reload();
      await inspectPage(page, 'upgrade-in-cart');
    });

    it(`register phones, and keep nobody out: ${what}`, async function () {
      this.timeout(60_000);
      await world.bought.subscribe('phone');
      await open();
      await page.goto(`${world.url}/account/otp/phones`);
      await inspectPage(page, 'phones-first');
      await page.getByLabel('Text Capable').check();
      await page.getByLabel('Country', { exact: true }).selectOption('US');
      await page.getByLabel('Phone number').fill('(202) 555-0123');
      await click('Register');
      await inspectPage(page, 'phones-code');
      await page.getByLabel('Verification').fill(world.bought.wrong());
      await click('Continue');
      await inspectPage(page, 'phones-code-refused');
      await page.getByLabel('Verification').fill(world.bought.code());
      await click('Continue');
      await inspectPage(page, 'phones-confirmed');
      await page.goto(`${world.url}/account/otp`);
      await inspectPage(page, 'otp-phones');
    });

    it(`proof an identity and set up a Mobile ID: ${what}`, async function () {
      this.timeout(60_000);
      const { key } = await world.sell('mobile-id-proofed');
      await open();
      await redeem(key);
      await inspectPage(page, 'proofing-profile');
      await click('Next');
      await inspectPage(page, 'proofing-choice');
      await click('Begin the questions');
      await inspectPage(page, 'proofing-questions');
      await page.getByLabel('Blue').check();
      await click('Submit');
      await click('Activate');
      await click('Show the QR code');
      await page.getByText('I cannot scan it').click();
      await inspectPage(page, 'mobile-id');
      const width = await page.evaluate("document.querySelector('img.qr').naturalWidth");
      expect(width).to.be.greaterThan(0);
      await page.getByLabel('Code 1').fill('000000');
      await page.getByLabel('Code 2').fill('111111');
      await click('Confirm');
      await inspectPage(page, 'mobile-id-refused');
    });
  }
});
