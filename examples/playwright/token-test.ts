import { test as base, type Page } from '@playwright/test';
import { type MakeOptions, Token } from 'fobtwin/emulator';
import { type Answer, type LoginApp, startLoginApp } from './login-app.ts';

interface Fixtures {
  /** What the test's token is made of: `test.use({ make: { profile: 'e6' } })`. */
  readonly make: MakeOptions;
  readonly token: Token;
  readonly app: LoginApp;
  /** Types user and code into the page, and reads what it says. */
  readonly signIn: (code: string) => Promise<Answer>;
}

/** Playwright's `test` with a token in the user's hand, and its LCD in the report of a failure. */
export const test = base.extend<Fixtures>({
  make: [{}, { option: true }],

  token: async ({ make }, use, info) => {
    const token = Token.make(make);
    await use(token);
    if (info.status === info.expectedStatus) return;
    const png = { body: Buffer.from(await token.screenshot()), contentType: 'image/png' };
    await info.attach('lcd.png', png);
    await info.attach('token', { body: JSON.stringify(token), contentType: 'application/json' });
  },

  // The server's clock is the token's: true time, which stands still unless the test moves it.
  app: async ({ token }, use) => {
    const app = await startLoginApp({ clock: () => token.at });
    app.enrol('alice', token.seedFile({ format: 'otpauth', issuer: 'Example' }));
    await use(app);
    await app.close();
  },

  signIn: async ({ page, app }, use) => {
    await use((code) => signIn(page, app, code));
  },
});

async function signIn(page: Page, app: LoginApp, code: string): Promise<Answer> {
  await page.goto(app.url);
  await page.getByLabel('User').fill('alice');
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return (await page.getByRole('status').innerText()) as Answer;
}
