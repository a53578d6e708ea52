import { expect } from '@playwright/test';
import { test } from './token-test.ts';

/** Run on purpose with `npx playwright test --project failing`: see `lcd.png` in its report. */
test('whoever reads this report sees why nobody could sign in', async ({ token, signIn }) => {
  token.inject('err').press();
  expect(await signIn(token.display)).toBe('Welcome');
});
