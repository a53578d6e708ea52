import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Files } from '../../../emulator/control/files.ts';
import type { KeptDevice } from '../../../emulator/drawer/device-file.ts';
import { browserOrSkip, type TestBrowser } from '../../support/browser.ts';
import { startTestControl, TEST_ACCESS, type TestControl } from '../../support/control-server.ts';
import { buildFacePage } from '../../support/face-page.ts';
import { keptDevice } from '../../support/kept-device.ts';
import { expectOpenToAll } from '../../support/page-access.ts';

const E6 = 'E6-00000001';
const shows = (display: string) => `article[data-display="${display}"]`;

describe('who can use the face, and who cannot', () => {
  let files: Files;
  let test: TestBrowser;
  let control: TestControl;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    test = await browserOrSkip(this);
    files = await buildFacePage();
  });
  after(() => test?.browser.close());
  afterEach(async () => {
    await context.close();
    await control.close();
    expect(complaints.splice(0)).to.deep.equal([]);
    expect(control.failures).to.deep.equal([]);
  });

  const open = async (
    devices: readonly KeptDevice[] = [keptDevice(E6)],
    { qa = false, ...options }: { qa?: boolean } & BrowserContextOptions = {},
  ): Promise<void> => {
    control = await startTestControl(devices, { files, qa });
    context = await test.browser.newContext({ reducedMotion: 'reduce', ...options });
    page = await openPage();
  };
  const openPage = async (): Promise<Page> => {
    const opened = await context.newPage();
    opened.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    opened.on('pageerror', (error) => complaints.push(error.message));
    await opened.goto(control.address);
    await opened.waitForSelector('article, .empty');
    return opened;
  };

  for (const [what, options] of [
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['320 pixels wide', { viewport: { width: 320, height: 600 } }],
    ['200 % zoom', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ] as const satisfies readonly (readonly [string, BrowserContextOptions])[]) {
    it(`has nothing that keeps people out: ${what}`, async () => {
      await open([keptDevice('C30-00000001', 'c30'), keptDevice(E6)], { qa: true, ...options });
      await page.getByRole('button', { name: `Button of ${E6}` }).click();
      await page.waitForSelector(shows('755224'));
      await page.getByRole('button', { name: 'Faults' }).first().click();
      await page.waitForSelector('dd');
      await expectOpenToAll(page, what);
    });
  }

  it('can be installed', async () => {
    await open();
    const session = await context.newCDPSession(page);
    const { errors, data } = await session.send('Page.getAppManifest');
    expect(errors).to.deep.equal([]);
    expect(JSON.parse(data ?? '')).to.include({ display: 'standalone', start_url: './' });
  });

  it("gives another origin's page nothing", async () => {
    await open();
    const { address } = control;
    const other = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>other</title>');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const stranger = await context.newPage();
      await stranger.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
      const press = new URL(`v1/tokens/${E6}/press`, address).href;
      const events = new URL('v1/events', address.replace('http', 'ws')).href;
      // Even one that has learnt the access token.
      const attempts = `Promise.all([
        fetch('${press}', { method: 'POST' }),
        fetch('${press}', { method: 'POST', mode: 'no-cors' }).then(({ type }) => type),
        fetch('${press}', { method: 'POST', headers: { Authorization: 'Bearer ${TEST_ACCESS}' } }),
        fetch('${new URL('v1/tokens', address).href}'),
        new Promise((resolve, reject) => {
          const socket = new WebSocket('${events}');
          socket.onopen = resolve;
          socket.onerror = () => reject(new Error('refused'));
        }),
        new Promise((resolve, reject) => {
          const image = new Image();
          image.onload = resolve;
          image.onerror = () => reject(new Error('refused'));
          image.src = '${new URL(`v1/tokens/${E6}/screenshot`, address).href}';
        }),
      ].map((attempt) => attempt.then((got) => String(got), () => 'refused')))`;
      const got = await stranger.evaluate(attempts);
      expect(got).to.deep.equal(['refused', 'refused', 'refused', 'refused', 'refused', 'refused']);
      const framed = await stranger.evaluate(`new Promise((resolve) => {
        const frame = document.createElement('iframe');
        frame.onload = () => {
          try { resolve(frame.contentDocument === null ? 'nothing' : 'seen'); }
          catch { resolve('nothing'); }
        };
        frame.src = '${address}';
        document.body.append(frame);
      })`);
      expect(framed).to.equal('nothing');
      expect((await control.holder.list())[0]?.device.state.presses).to.equal(0);
    } finally {
      other.close();
      other.closeAllConnections();
    }
  });
});
