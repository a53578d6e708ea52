import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { browserOrSkip, type TestBrowser } from '../support/browser.ts';
import { expectOpenToAll } from '../support/page-access.ts';
import { PASSWORD, putUpQuickStart, type QuickStart, ROOT } from './oidc-quick-start.ts';
import { runProgram } from './running.ts';

/** The quick start of OpenID Connect: every program a process of its own, and a real browser. */

/** Where pictures of the pages are put for somebody to look at; nowhere unless it is said. */
const PICTURES = process.env['OIDC_PICTURES'];
const acrOf = (strength: string) => `urn:fobtwin:acr:${strength}`;

describe('the quick start of OpenID Connect, in a browser', function () {
  this.timeout(90_000);
  // One walk: each step begins where the last one ended.
  this.bail(true);
  let test: TestBrowser;
  let scene: QuickStart;
  let context: BrowserContext;
  let page: Page;
  let lastCode = '';

  before(async function () {
    test = await browserOrSkip(this);
    scene = await putUpQuickStart();
    context = await test.browser.newContext({
      viewport: { width: 320, height: 640 },
      colorScheme: 'dark',
    });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
  });
  after(async () => {
    await test?.browser.close();
    await scene?.remove();
  });

  const look = async (name: string): Promise<void> => {
    if (PICTURES !== undefined) {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true });
    }
    await expectOpenToAll(page, name);
  };
  const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const follow = (name: string) =>
    page.getByRole('banner').getByRole('link', { name, exact: true }).click();
  const heading = (text: string) => page.getByRole('heading', { name: text, level: 1 }).waitFor();
  /** Back at the application, on this page of it. */
  const arrive = (place: string) => page.waitForURL(`${scene.application}${place}`);

  const givePassword = async (): Promise<void> => {
    await page.getByLabel('User ID').fill('robert');
    await page.getByLabel('Password').fill(PASSWORD);
    await click('Sign in');
    await page.getByLabel('Code').waitFor();
  };
  const giveCode = async (code: string): Promise<void> => {
    await page.getByLabel('Code').fill(code);
    await click('Submit');
  };
  /** How the application says that somebody is signed in. */
  const strengthShown = async () => {
    await page.goto(`${scene.application}/`);
    await heading('Welcome, Robert Green');
    const text = (id: string) => page.locator(`#${id}`).textContent();
    return { sub: await text('sub'), acr: await text('acr'), amr: await text('amr') };
  };
  const BY_PASSWORD = { sub: 'robert', acr: acrOf('password'), amr: 'pwd' };
  // Emulated: it counts as hardware by decision, and is none.
  const BY_CODE = { sub: 'robert', acr: acrOf('hardwareToken'), amr: 'pwd otp mfa' };

  it('signs in with a password alone, which opens what asks for no more', async () => {
    await page.goto(scene.application);
    await look('1-welcome');
    await follow('Sign in');
    await page.waitForURL(`${scene.fobd}/sign-in?*`);
    await look('2-password');
    await givePassword();
    await look('3-code');
    await click('Skip OTP');
    await arrive('/');
    expect(await strengthShown()).to.deep.equal(BY_PASSWORD);
    await look('4-signed-in');
    await follow('Hours');
    await heading('Hours');
    expect(page.url()).to.equal(`${scene.application}/hours`);
    await look('5-hours');
  });

  it('is stepped up by a code alone, when the application asks for it', async () => {
    await follow('Payroll');
    await page.waitForURL(`${scene.fobd}/sign-in?*`);
    expect(await page.getByLabel('Password').count()).to.equal(0);
    expect(await page.getByRole('main').textContent()).to.contain('OTP Hardware');
    await look('6-step-up');
    lastCode = await scene.press();
    await giveCode(lastCode);
    await arrive('/payroll');
    await heading('Payroll');
    await look('7-payroll');
    await page.reload();
    await heading('Payroll');
    expect(page.url()).to.equal(`${scene.application}/payroll`);
    expect(await strengthShown()).to.deep.equal(BY_CODE);
  });

  it('is as strong after a refresh', async () => {
    await click('Refresh');
    await arrive('/');
    expect(await strengthShown()).to.deep.equal(BY_CODE);
    await look('8-refreshed');
  });

  it('signs out of the application and of fobd', async () => {
    const cookies = await context.cookies();
    await click('Sign out');
    await page.waitForURL(`${scene.fobd}/oidc/session/end?*`);
    await heading('Sign out');
    await look('9-sign-out');
    await click('Sign out');
    await arrive('/');
    await heading('Welcome');
    expect(await page.getByRole('main').textContent()).to.contain('Nobody is signed in');
    expect(JSON.parse(await scene.type('fobd account sessions robert --json'))).to.deep.equal({
      items: [],
    });
    // Nor do the cookies of before open anything.
    await context.addCookies(cookies);
    await page.goto(`${scene.application}/payroll`);
    await page.getByLabel('Password').waitFor();
    expect(page.url()).to.contain(`${scene.fobd}/sign-in?`);
  });

  it('refuses a code that was used, in words', async () => {
    await page.goto(`${scene.application}/sign-in`);
    await givePassword();
    await click('Skip OTP');
    await arrive('/');
    await follow('Payroll');
    await giveCode(lastCode);
    expect(await page.getByRole('alert').textContent()).to.match(/used/);
    await look('10-used-code');
  });

  it('tells the application when nobody gives a code, and that tells the person', async () => {
    await click('Skip OTP');
    await page.waitForURL(`${scene.application}/callback?*`);
    expect(new URL(page.url()).searchParams.get('error')).to.equal(
      'unmet_authentication_requirements',
    );
    await heading('This cannot be opened');
    expect(await page.getByRole('alert').textContent()).to.contain('none was given');
    await look('11-refused');
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByLabel('Code').waitFor();
    // What was reached before is not lost by it.
    expect(await strengthShown()).to.deep.equal(BY_PASSWORD);
    await follow('Payroll');
    await giveCode(await scene.press());
    await arrive('/payroll');
  });

  it('audits who counts as hardware what is emulated, and who was let in', async () => {
    const { items } = JSON.parse(await scene.type('fobd audit list --json'));
    expect(JSON.stringify(items)).to.contain('acceptEmulated');
    expect(await scene.type('fobd audit verify')).to.contain('sound');
  });

  it('is an example that compiles with strict settings', async () => {
    const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const example = path.join(ROOT, 'examples/oidc-app');
    const { exitCode, output } = await runProgram(process.execPath, [compiler, '-p', example], {
      cwd: example,
    });
    expect(exitCode, output).to.equal(0);
  });
});
