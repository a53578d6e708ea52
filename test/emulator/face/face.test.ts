import { expect } from 'chai';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Files } from '../../../emulator/control/files.ts';
import { createDrawerHolder, type Holder } from '../../../emulator/control/holder.ts';
import type { KeptDevice } from '../../../emulator/drawer/device-file.ts';
import { openDrawer } from '../../../emulator/drawer/drawer.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { browserOrSkip, type TestBrowser } from '../../support/browser.ts';
import { ask, startTestControl, type TestControl } from '../../support/control-server.ts';
import { buildFacePage } from '../../support/face-page.ts';
import { TEST_NOW, temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { keptDevice, serialOf } from '../../support/kept-device.ts';

const E6 = 'E6-00000001';
const shows = (display: string) => `article[data-display="${display}"]`;

interface Opening extends BrowserContextOptions {
  readonly qa?: boolean;
  readonly holder?: Holder;
}

describe('the face in a browser', () => {
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
    { qa = false, holder, ...options }: Opening = {},
  ): Promise<void> => {
    const held = holder === undefined ? {} : { holder };
    control = await startTestControl(devices, { files, qa, ...held });
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
  const button = () => page.getByRole('button', { name: `Button of ${E6}` });

  it('presses by mouse', async () => {
    await open();
    await button().click();
    await page.waitForSelector(shows('755224'));
    await button().click();
    await page.waitForSelector(shows('287082'));
  });

  it('presses by touch', async () => {
    await open(undefined, { hasTouch: true });
    await button().tap();
    await page.waitForSelector(shows('755224'));
    expect((await control.holder.list())[0]?.device.state.presses).to.equal(1);
  });

  it('presses by keyboard, on the button and on the page', async () => {
    await open();
    await page.keyboard.press('Space');
    await page.waitForSelector(shows('755224'));
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.dataset.key')).to.equal('button');
    await page.keyboard.press('Enter');
    await page.waitForSelector(shows('287082'));
    await page.keyboard.press('Space');
    await page.waitForSelector(shows('359152'));
    expect((await control.holder.list())[0]?.device.state.presses).to.equal(3);
  });

  it('presses for a screen reader, whose click no finger made', async () => {
    await open();
    await button().dispatchEvent('click');
    await page.waitForSelector(shows('755224'));
  });

  it('presses for a screen reader after a finger whose touch ended without a click', async () => {
    await open();
    await page.evaluate(
      `addEventListener('click', (event) => {
        if (event.isTrusted) event.stopImmediatePropagation();
      }, true)`,
    );
    await button().click();
    await page.waitForSelector(shows('755224'));
    await button().dispatchEvent('click');
    await page.waitForSelector(shows('287082'));
  });

  for (const [by, down, up] of [
    ['mouse', () => page.mouse.down(), () => page.mouse.up()],
    ['keyboard', () => page.keyboard.down('Space'), () => page.keyboard.up('Space')],
  ] as const) {
    it(`opens the menu while it is still held: ${by}`, async () => {
      await open([keptDevice('C30-00000001', 'c30')]);
      await page.clock.install();
      const key = page.getByRole('button', { name: 'Button of C30-00000001' });
      await key.hover();
      await key.focus();
      await down();
      await page.clock.runFor(5900);
      expect(await page.locator('article').getAttribute('data-state')).to.equal('asleep');
      await page.clock.runFor(200);
      await page.waitForSelector('article[data-state="menu"]');
      await up();
      expect((await control.holder.list())[0]?.device.state.presses).to.equal(1);
    });
  }

  it('enters a PIN on its pad and on the keyboard', async () => {
    await open([keptDevice('P30-00000001', 'p30')]);
    await page.getByRole('button', { name: 'Button of' }).click();
    await page.waitForSelector('article[data-state="enteringPin"]');
    for (const name of ['1', '2']) await page.getByRole('button', { name, exact: true }).click();
    await page.keyboard.type('34');
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.waitForSelector('article[data-state="showing"]');
    expect((await control.holder.list())[0]?.device.state.pin).to.equal('1234');
  });

  it('says a code once, digit by digit, when it changes', async () => {
    await open();
    await button().click();
    const said = page.locator('#said');
    await page.waitForSelector(shows('755224'));
    expect(await said.textContent()).to.equal('7 5 5 2 2 4');
    expect(await said.getAttribute('role')).to.equal('status');
    await page.evaluate(
      'window.spoken = 0; new MutationObserver(() => { window.spoken += 1; })' +
        ".observe(document.getElementById('said'), { childList: true, subtree: true })",
    );
    await ask(control, 'GET', `v1/tokens/${E6}`);
    control.tick();
    await button().click();
    await page.waitForSelector(shows('287082'));
    expect(await said.textContent()).to.equal('2 8 7 0 8 2');
    expect(await page.evaluate('window.spoken')).to.equal(1);
  });

  it('goes dark and shows the next code by itself', async () => {
    await open([keptDevice('C30-00000001', 'c30')]);
    await page.keyboard.press('Space');
    await page.waitForSelector('article[data-state="showing"]');
    control.set((TEST_NOW + 31_000) as UnixMillis);
    control.tick();
    await page.waitForSelector('article[data-state="asleep"]');
  });

  it('copies the code by key, and takes it back after 30 seconds', async () => {
    await open(undefined, { permissions: ['clipboard-read', 'clipboard-write'] });
    const clipboard = () => page.evaluate('navigator.clipboard.readText()');
    await page.clock.install();
    await page.keyboard.press('c');
    await page.getByText('No code shows').waitFor();
    await button().click();
    await page.waitForSelector(shows('755224'));
    await page.keyboard.press('c');
    await page.getByText('Code copied').waitFor();
    expect(await clipboard()).to.equal('755224');
    await page.clock.runFor(29_000);
    expect(await clipboard()).to.equal('755224');
    await page.clock.runFor(1500);
    await page.getByText('has left the clipboard').waitFor();
    expect(await clipboard()).to.equal('');
  });

  it('leaves what was copied since on the clipboard', async () => {
    await open(undefined, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.clock.install();
    await button().click();
    await page.waitForSelector(shows('755224'));
    await page.getByRole('button', { name: 'Copy code' }).click();
    await page.getByText('Code copied').waitFor();
    await page.evaluate("navigator.clipboard.writeText('something else')");
    await page.clock.runFor(31_000);
    expect(await page.evaluate('navigator.clipboard.readText()')).to.equal('something else');
  });

  it('shows the same in two tabs', async () => {
    await open();
    const second = await openPage();
    await button().click();
    await second.waitForSelector(shows('755224'));
    await second.getByRole('button', { name: `Button of ${E6}` }).click();
    await page.waitForSelector(shows('287082'));
  });

  it('shows a token that comes, and one that goes', async () => {
    const home = temporaryDirectory();
    try {
      const drawer = openDrawer(home.path, testLockEnv);
      await open([], { holder: createDrawerHolder(drawer) });
      await page.getByText('There is no token here').waitFor();
      await drawer.create(keptDevice(E6));
      await expectEventually(async () => {
        control.tick();
        return (await button().count()) === 1;
      });
      await drawer.remove(serialOf(E6));
      await expectEventually(async () => {
        control.tick();
        return (await page.locator('.empty').count()) === 1;
      });
    } finally {
      home.remove();
    }
  });

  it('turns over: the serial stands on the back', async () => {
    await open();
    await page.getByRole('button', { name: 'Turn over' }).click();
    const back = page.getByRole('img', { name: `The back of ${E6}` });
    await back.waitFor();
    expect(await page.locator('.front[inert] .key').count()).to.equal(1);
  });

  it('comes back by itself when the program was restarted', async () => {
    await open();
    const { port } = control;
    await control.close();
    await page.waitForSelector('body.down');
    await page.getByText('cannot be reached').waitFor();
    complaints.splice(0);
    control = await startTestControl([keptDevice(E6)], { files, port });
    await page.waitForSelector('body:not(.down)');
    await button().click();
    await page.waitForSelector(shows('755224'));
    complaints.splice(0);
  });

  it('has no tools for tampering in plain mode', async () => {
    await open();
    expect(await page.locator('.inspect, #inspector').count()).to.equal(0);
  });

  it('injects and mends faults, lets time pass, and changes the temperature', async () => {
    await open([keptDevice('C30-00000001', 'c30')], { qa: true });
    await page.getByRole('button', { name: 'Faults' }).click();
    const panel = page.getByRole('complementary');
    await panel.getByLabel('Fault', { exact: true }).selectOption('err');
    await panel.getByRole('button', { name: 'Inject' }).click();
    await panel.getByRole('button', { name: 'Mend err' }).waitFor();
    await page.getByRole('button', { name: 'Button of' }).click();
    await page.waitForSelector('article[data-state="err"]');
    await panel.getByRole('button', { name: 'Mend err' }).click();
    await panel.getByRole('button', { name: 'Mend err' }).waitFor({ state: 'detached' });
    await panel.getByLabel('Let so much time pass').fill('8');
    await panel.getByRole('button', { name: 'Let 30 days pass' }).click();
    await panel.getByText("30 days ahead of the computer's clock").waitFor();
    await page.waitForSelector('article[data-state="asleep"]');
    await panel.getByRole('button', { name: 'Back to now' }).click();
    await panel.getByText("Together with the computer's clock").waitFor();
    await panel.getByLabel('Temperature').fill('-10');
    await panel.getByText('−10 °C').waitFor();
    await expectEventually(async () => (await celsius()) === -10);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  });
  const celsius = async () =>
    (await ask(control, 'GET', 'v1/tokens/C30-00000001')).body.celsius as number;

  it('tells what was refused', async () => {
    await open([keptDevice('C30-00000001', 'c30')], { qa: true });
    await page.getByRole('button', { name: 'Faults' }).click();
    const panel = page.getByRole('complementary');
    await panel.getByLabel('Fault', { exact: true }).selectOption('garbled');
    await panel.getByLabel('How many of the segments').fill('7');
    await panel.getByRole('button', { name: 'Inject' }).click();
    await expectEventually(
      async () => ((await page.locator('#notice').textContent()) ?? '') !== '',
    );
    expect((await control.holder.list())[0]?.device.faults).to.deep.equal([]);
  });

  /** Waits for what no event tells, a frame of the page at a time. */
  const expectEventually = async (holds: () => Promise<boolean>): Promise<void> => {
    for (let rounds = 0; rounds < 300; rounds += 1) {
      if (await holds()) return;
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
    }
    expect.fail('it never came');
  };
});
