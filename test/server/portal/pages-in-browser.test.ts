import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { AccountId } from '../../../shared/types.ts';
import { browserOrSkip, type TestBrowser } from '../../support/browser.ts';
import { expectOpenToAll } from '../../support/page-access.ts';
import { openWorld, PASSWORD, USER, type World } from './world.ts';

/** Where pictures of the pages are put for somebody to look at; nowhere unless it is said. */
const PICTURES = process.env['PORTAL_PICTURES'];

const LOOKS = [
  ['a small phone, dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ['a desktop, light', { viewport: { width: 1200, height: 800 }, colorScheme: 'light' }],
] as const satisfies readonly (readonly [string, BrowserContextOptions])[];

describe('the pages that people sign in on, in a browser without scripts', () => {
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
      { name: 'Jennifer Blue', organisation: 'Iron Builders LLC' },
      world.caller(),
    );
  });
  afterEach(async () => {
    await context.close();
    await world.close();
    expect(complaints.splice(0)).to.deep.equal([]);
    expect(world.logged).to.deep.equal([]);
  });

  const open = async (options: BrowserContextOptions): Promise<void> => {
    context = await test.browser.newContext({ reducedMotion: 'reduce', ...options });
    page = await context.newPage();
    page.setDefaultTimeout(5_000);
    page.on('console', (message) => {
      // A refusal's status is told there too.
      if (message.type() !== 'error' || /status of (4|5)/.test(message.text())) return;
      complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== 'data:' && origin !== world.url) complaints.push(request.url());
    });
    await page.goto(world.url);
  };

  const signIn = async (): Promise<void> => {
    await page.getByLabel('User ID').fill(USER);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  const inspect = async (name: string): Promise<void> => {
    if (PICTURES !== undefined) {
      mkdirSync(PICTURES, { recursive: true });
      const { width = 0 } = page.viewportSize() ?? {};
      const scheme = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches");
      const file = `${PICTURES}/${name}-${width}-${scheme ? 'dark' : 'light'}.png`;
      await page.screenshot({ path: file, fullPage: true });
    }
    await expectOpenToAll(page, name);
  };

  for (const [what, options] of LOOKS) {
    it(`keep nobody out: ${what}`, async function () {
      this.timeout(60_000);
      const serial = await world.room.registered('E6-00000001', USER);
      await world.room.fail(serial, 10);
      await open(options);
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

  it('are filled in with a keyboard alone, the first field first', async () => {
    const serial = await world.room.registered('E6-00000001', USER);
    await open({ javaScriptEnabled: false });
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
