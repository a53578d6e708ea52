import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { browserOrSkip, type TestBrowser } from '../../support/browser.ts';
import { expectOpenToAll } from '../../support/page-access.ts';
import { openWorld, PASSWORD, USER, type World } from './world.ts';

/** A real browser on the portal's pages: what it complains of, and what its pages look like. */

/** Where pictures of the pages are put for somebody to look at; nowhere unless it is said. */
const PICTURES = process.env['PORTAL_PICTURES'];

export const LOOKS = [
  ['a small phone, dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ['a desktop, light', { viewport: { width: 1200, height: 800 }, colorScheme: 'light' }],
] as const satisfies readonly (readonly [string, BrowserContextOptions])[];

export interface Browsing {
  /** The one of the test that runs. */
  readonly world: World;
  /** Opens it, as it looks there. */
  open(options: BrowserContextOptions): Promise<Page>;
  /** Fills in and sends the form that asks for user and password. */
  signIn(): Promise<void>;
  /** A text is the button's whole name. */
  click(name: string | RegExp): Promise<void>;
  /** The first of such links. */
  follow(name: string | RegExp): Promise<void>;
  /** A picture of the page, and whether everybody can use it. */
  inspect(name: string): Promise<void>;
}

/**
 * A browser for the tests of one `describe`, and for each of them a world and a page of its own.
 * No page complains, and nothing of the server fails meanwhile.
 */
export function browsing(prepare: (world: World) => Promise<unknown>): Browsing {
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
    await prepare(world);
  });
  afterEach(async () => {
    await context.close();
    await world.close();
    expect(complaints.splice(0)).to.deep.equal([]);
  });

  return {
    get world() {
      return world;
    },
    async open(options) {
      ({ context, page } = await openPage(test.browser, options, { url: world.url, complaints }));
      return page;
    },
    async signIn() {
      await page.getByLabel('User ID').fill(USER);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
    click: (name) => page.getByRole('button', { name, exact: typeof name === 'string' }).click(),
    follow: (name) => page.getByRole('link', { name }).first().click(),
    inspect: (name) => inspectPage(page, name),
  };
}

/** @param complaints what scripts, styles and addresses of other hosts come to */
async function openPage(
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

async function inspectPage(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    const { width = 0 } = page.viewportSize() ?? {};
    const scheme = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches");
    const file = `${PICTURES}/${name}-${width}-${scheme ? 'dark' : 'light'}.png`;
    await page.screenshot({ path: file, fullPage: true });
  }
  await expectOpenToAll(page, name);
}
