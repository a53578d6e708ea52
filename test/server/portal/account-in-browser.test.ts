import { expect } from 'chai';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { AccountId } from '../../../shared/types.ts';
import { browsing, LOOKS } from './browsing.ts';
import { USER } from './world.ts';

const DAY_MILLIS = 86_400_000;
const LEGAL_NAME = 'Jennifer Blue';

describe('the pages of the own account, in a browser without scripts', () => {
  const at = browsing((world) =>
    world.room.accounts.change(
      USER as AccountId,
      { name: LEGAL_NAME, legalName: LEGAL_NAME, country: 'US' },
      world.caller(),
    ),
  );
  const { click, follow, inspect } = at;

  const signIn = async (page: Page): Promise<void> => {
    await page.goto(`${at.world.url}/sign-in?return=/account/otp`);
    await at.signIn();
    await page.goto(`${at.world.url}/account/otp`);
  };
  const open = async (options: BrowserContextOptions): Promise<Page> => {
    const page = await at.open(options);
    await signIn(page);
    return page;
  };
  const redeem = async (page: Page, key: string): Promise<void> => {
    await page.goto(`${at.world.url}/account/otp/get`);
    await page.getByLabel('License Key', { exact: true }).fill(key);
    await click('Continue');
    await page.waitForURL(/set-up/);
  };

  for (const [what, options] of LOOKS) {
    it(`set up a token, a phone and a renewal, and keep nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const { world } = at;
      const { key } = await world.sell('hardware-token');
      const serial = await world.room.stock('E6-00000001');
      const page = await open(options);
      await inspect('otp-empty');
      await follow('Purchase or Register Credentials');
      await page.getByLabel('License Key', { exact: true }).fill('AAAAA');
      await click('Continue');
      await inspect('get-refused');
      await redeem(page, key);
      await inspect('set-up-activate');
      await click('Activate');
      await page.getByLabel('Token Serial Number').fill(serial);
      await page.getByLabel('Token Code 1').fill('123456');
      await page.getByLabel('Token Code 2').fill('654321');
      await click('Submit');
      await inspect('set-up-register-refused');
      const [code1, code2] = world.room.pair(serial);
      world.room.pass(60_000);
      await page.getByLabel('Token Code 1').fill(code1);
      await page.getByLabel('Token Code 2').fill(code2);
      await click('Submit');
      await inspect('set-up-active');
      world.room.pass(340 * DAY_MILLIS);
      await signIn(page);
      await inspect('otp-renewable');
      await follow(/^Renew/);
      await inspect('renew');
      await follow('Subscription Renewals');
      await inspect('renewals-own');
      await page.goBack();
      await click('Add to Cart');
      await page.goto(`${world.url}/account/otp`);
      await page.getByText('View Details').click();
      await inspect('otp-details');
      await follow(/^I have lost it/);
      await inspect('lost');
      await click('I have lost it');
      await inspect('otp-lost');
      await follow(/^I have found it/);
      await inspect('found-too-weak');
      await page.goto(`${world.url}/account/otp`);
      await page.getByText('View Details').click();
      await follow(/^Revoke/);
      await inspect('revoke');
      await click('OK');
      await inspect('otp-revoked');
    });

    it(`renew for several people, and upgrade: ${what}`, async function () {
      this.timeout(60_000);
      const { world } = at;
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
      const page = await open(options);
      await follow('Subscription Renewals');
      await page.getByRole('button', { name: 'Add to Cart' }).click();
      await inspect('renewals-none-chosen');
      await page.getByLabel('Henry Steel').first().check();
      await click('Add to Cart');
      await page.goto(`${world.url}/account/renewals`);
      await inspect('renewals');
      await page.getByLabel('OTP type').selectOption('phoneOtp');
      await page.getByLabel('User').fill('two people');
      await click('Filter');
      await inspect('renewals-filter-refused');
      await page.getByLabel('User').fill('blue_j');
      await click('Filter');
      await inspect('renewals-nothing');
      await page.goto(`${world.url}/account/otp`);
      await follow(/^Proofing Upgrade/);
      await inspect('upgrade');
      expect(page.url()).to.contain(id);
      await page.getByLabel('I understand the requirements').check();
      await click('Add to Cart');
      await page.waitForURL(/cart/);
      await page.goBack();
      await page.reload();
      await inspect('upgrade-in-cart');
    });

    it(`register phones, and keep nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const { world } = at;
      await world.bought.subscribe('phone');
      const page = await open(options);
      await page.goto(`${world.url}/account/otp/phones`);
      await inspect('phones-first');
      await page.getByLabel('Text Capable').check();
      await page.getByLabel('Country', { exact: true }).selectOption('US');
      await page.getByLabel('Phone number').fill('(202) 555-0123');
      await click('Register');
      await inspect('phones-code');
      await page.getByLabel('Verification').fill(world.bought.wrong());
      await click('Continue');
      await inspect('phones-code-refused');
      await page.getByLabel('Verification').fill(world.bought.code());
      await click('Continue');
      await inspect('phones-confirmed');
      await page.goto(`${world.url}/account/otp`);
      await inspect('otp-phones');
    });

    it(`proof an identity and set up a Mobile ID: ${what}`, async function () {
      this.timeout(60_000);
      const { world } = at;
      const { key } = await world.sell('mobile-id-proofed');
      const page = await open(options);
      await redeem(page, key);
      await inspect('proofing-profile');
      await click('Next');
      await inspect('proofing-choice');
      await click('Begin the questions');
      await inspect('proofing-questions');
      await page.getByLabel('Blue').check();
      await click('Submit');
      await click('Activate');
      await click('Show the QR code');
      await page.getByText('I cannot scan it').click();
      await inspect('mobile-id');
      const width = await page.evaluate("document.querySelector('img.qr').naturalWidth");
      expect(width).to.be.greaterThan(0);
      await page.getByLabel('Code 1').fill('000000');
      await page.getByLabel('Code 2').fill('111111');
      await click('Confirm');
      await inspect('mobile-id-refused');
    });
  }
});
