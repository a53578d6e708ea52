import { expect } from 'chai';
import type { AccountId } from '../../../shared/types.ts';
import { US_NUMBER, US_SECOND } from '../phones/room.ts';
import { browsing, LOOKS } from './browsing.ts';
import { PASSWORD, USER } from './world.ts';

describe('the pages that people sign in on, in a browser without scripts', () => {
  const at = browsing((world) =>
    world.room.accounts.change(
      USER as AccountId,
      { name: 'Jennifer Blue', organisation: 'Iron Builders LLC' },
      world.caller(),
    ),
  );
  const { signIn, inspect } = at;

  for (const [what, options] of LOOKS) {
    it(`keep nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const { world } = at;
      const serial = await world.room.registered('E6-00000001', USER);
      await world.room.fail(serial, 10);
      const page = await at.open(options);
      await inspect('sign-in');
      await page.getByLabel('User ID').fill(USER);
      await page.getByLabel('Password').fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await inspect('sign-in-refused');
      await signIn();
      await inspect('code');
      await page.getByLabel('Code').fill('000000');
      await page.getByRole('button', { name: 'Submit' }).click();
      await inspect('code-refused');
      await page.getByRole('button', { name: 'Skip OTP' }).click();
      await inspect('account');
      await page.getByRole('link', { name: 'Manage OTP' }).click();
      await inspect('otp-locked');
      await page.getByLabel('One-Time Password One').fill('111111');
      await page.getByLabel('One-Time Password Two').fill('222222');
      await page.getByRole('button', { name: 'Resync' }).click();
      await inspect('otp-refused');
      const [code1, code2] = world.room.pair(serial, 5);
      await page.getByLabel('One-Time Password One').fill(code1);
      await page.getByLabel('One-Time Password Two').fill(code2);
      await page.getByRole('button', { name: 'Resync' }).click();
      await inspect('otp-done');
      await page.getByRole('link', { name: 'Elevate' }).click();
      await page.getByLabel('Code').fill(world.room.code(serial, 7));
      await page.getByRole('button', { name: 'Submit' }).click();
      await inspect('account-elevated');
      await page.goto(`${world.url}/sign-out`);
      await inspect('sign-out');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await inspect('signed-out');
      await page.goto(`${world.url}/account?`, { waitUntil: 'load' });
      expect(new URL(page.url()).pathname).to.equal('/sign-in');
    });
  }

  for (const [what, options] of LOOKS) {
    it(`send a code to a phone, and keep nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const { bought } = at.world;
      await bought.subscribe('phone');
      await bought.proved(US_NUMBER, bought.person('password'));
      await bought.proved(US_SECOND, bought.person('phoneOtp'));
      const page = await at.open(options);
      await signIn();
      await inspect('code-by-phone');
      await page.getByLabel('Text to +1 •••• •••124').check();
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('button', { name: 'Resend Code' }).waitFor();
      await inspect('code-by-phone-sent');
      await page.getByRole('button', { name: 'Resend Code' }).click();
      await inspect('code-by-phone-wait');
      await page.getByLabel('Code', { exact: true }).fill(bought.code());
      await page.getByRole('button', { name: 'Submit' }).click();
      await page.waitForURL(/account$/);
      expect(await page.locator('.who').innerText()).to.contain('Phone OTP');
    });
  }

  it('are filled in with a keyboard alone, the first field first', async () => {
    const { world } = at;
    const serial = await world.room.registered('E6-00000001', USER);
    const page = await at.open({ javaScriptEnabled: false });
    await page.waitForSelector('#user:focus');
    await page.keyboard.type(USER);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#code:focus');
    await page.keyboard.type(world.room.code(serial, 2));
    await page.keyboard.press('Enter');
    await page.waitForURL(/account$/);
    expect(await page.locator('.who').innerText()).to.contain('OTP Hardware');
  });
});
