import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expectOpenToAll } from '../../support/page-access.ts';

/** A real browser on the portal's pages: what it complains of, and what its pages look like. */

/** Where pictures of the pages are put for somebody to look at; nowhere unless it is said. */
const PICTURES = process.env['PORTAL_PICTURES'];

export const LOOKS = [
  ['a small phone, dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ['a desktop, light', { viewport: { width: 1200, height: 800 }, colorScheme: 'light' }],
] as const satisfies readonly (readonly [string, BrowserContextOptions])[];

/** @param complaints what scripts, styles and addresses of other hosts come to */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions,
  { url, complaints }: { readonly url: string; readonly complaints: string[] },
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(5_000);
  page.on('console', (message) => {
    // A refusal's status is told there too.
    if (message.type() !== 'error' || /status of (4|5)/.test(message.text())) return;
    complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== url) complaints.push(request.url());
  });
  await page.goto(url);
  return { context, page };
}

/** A picture of it, and whether everybody can use it. */
export async function inspectPage(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    const { width = 0 } = page.viewportSize() ?? {};
    const scheme = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches");
    const file = `${PICTURES}/${name}-${width}-${scheme ? 'dark' : 'light'}.png`;
    await page.screenshot({ path: file, fullPage: true });
  }
  await expectOpenToAll(page, name);
}
