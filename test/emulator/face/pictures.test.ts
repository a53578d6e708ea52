import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import type { Files } from '../../../emulator/control/files.ts';
import type { KeptDevice } from '../../../emulator/drawer/device-file.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import { browserOrSkip, skipLoudly, type TestBrowser } from '../../support/browser.ts';
import { ask, startTestControl, type TestControl } from '../../support/control-server.ts';
import { buildFacePage } from '../../support/face-page.ts';
import { TEST_NOW } from '../../support/fob-env.ts';
import { differencePerMille, expectGolden, TOLERANCE } from '../../support/golden.ts';
import { keptDevice } from '../../support/kept-device.ts';

const GOLDEN = fileURLToPath(new URL('./golden/', import.meta.url));
const C30 = 'v1/tokens/C30-00000001';
const P30 = 'v1/tokens/P30-00000001';

interface Scene {
  readonly devices?: readonly KeptDevice[];
  /** What is done before the page is opened. */
  readonly before?: (control: TestControl) => Promise<unknown>;
  /** What is done on the page. */
  readonly on?: (page: Page) => Promise<unknown>;
  readonly state: string;
  /** The whole page instead of the token. */
  readonly whole?: boolean;
  readonly context?: BrowserContextOptions;
}

const press = (control: TestControl, body?: object) => ask(control, 'POST', `${C30}/press`, body);
const inject = (control: TestControl, name: string, body: object = {}) =>
  ask(control, 'PUT', `${C30}/faults/${name}`, body);
const enterPin = async (control: TestControl, pin: string): Promise<void> => {
  await ask(control, 'POST', `${P30}/press`);
  await ask(control, 'POST', `${P30}/keys`, { keys: [...pin, 'enter'] });
};
const p30 = [keptDevice('P30-00000001', 'p30')];

const SCENES: Readonly<Record<string, Scene>> = {
  asleep: { state: 'asleep' },
  showing: {
    state: 'showing',
    async before(control) {
      await press(control);
      control.set((TEST_NOW + 12_000) as UnixMillis);
    },
  },
  menu: { state: 'menu', before: (control) => press(control, { hold: '6s' }) },
  'low-battery': {
    state: 'lowBattery',
    async before(control) {
      await inject(control, 'batteryLow');
      await press(control);
    },
  },
  'wrong-pin': {
    state: 'wrongPin',
    devices: p30,
    context: { viewport: { width: 640, height: 640 } },
    async before(control) {
      await enterPin(control, '1234');
      await ask(control, 'POST', `${P30}/advance`, { by: '2m' });
      await enterPin(control, '9999');
    },
  },
  'device-locked': {
    state: 'deviceLocked',
    async before(control) {
      await inject(control, 'deviceLock');
      await press(control);
    },
  },
  err: {
    state: 'err',
    async before(control) {
      await inject(control, 'err');
      await press(control);
    },
  },
  erased: { state: 'erased', before: (control) => inject(control, 'cellSwap') },
  disabled: { state: 'disabled', before: (control) => inject(control, 'selfDisabled') },
  dead: { state: 'dead', before: (control) => inject(control, 'batteryDead') },
  faded: {
    state: 'showing',
    async before(control) {
      await inject(control, 'faded');
      await press(control);
    },
  },
  rotated: {
    state: 'showing',
    async before(control) {
      await inject(control, 'rotated');
      await press(control);
    },
  },
  back: { state: 'asleep', on: (page) => page.click('text=Turn over') },
  'dark-scheme': {
    state: 'showing',
    before: press,
    on: (page) => page.focus('.key'),
    whole: true,
    context: { colorScheme: 'dark' },
  },
  'zoom-200': {
    state: 'showing',
    before: press,
    whole: true,
    context: { viewport: { width: 400, height: 300 }, deviceScaleFactor: 2 },
  },
  'narrow-320': {
    state: 'asleep',
    whole: true,
    context: { viewport: { width: 320, height: 480 } },
  },
  'several-side-by-side': {
    state: 'showing',
    devices: [keptDevice('A60-00000001', 'a60'), keptDevice('C30-00000001', 'c30'), ...p30],
    before: press,
    whole: true,
    context: { viewport: { width: 1000, height: 900 } },
  },
  'qa-drawer': {
    state: 'showing',
    async before(control) {
      await press(control);
      await inject(control, 'segmentStuckOn');
    },
    async on(page) {
      await page.click('.inspect');
      await page.waitForSelector('dd');
      await page.selectOption('.fault > select', 'garbled');
    },
    whole: true,
    context: { viewport: { width: 1000, height: 1150 } },
  },
};

describe('the face, looked at', () => {
  let files: Files;
  let test: TestBrowser;

  before(async function () {
    test = await browserOrSkip(this);
    files = await buildFacePage();
  });
  after(() => test?.browser.close());

  const photograph = async (name: string, scene: Scene): Promise<Buffer> => {
    const devices = scene.devices ?? [keptDevice('C30-00000001', 'c30')];
    const control = await startTestControl(devices, { files, qa: true });
    const context = await test.browser.newContext({
      viewport: { width: 640, height: 400 },
      reducedMotion: 'reduce',
      ...scene.context,
    });
    try {
      await scene.before?.(control);
      const page = await context.newPage();
      await page.goto(control.address);
      await page.waitForSelector(`article[data-state="${scene.state}"]`);
      await scene.on?.(page);
      const animations = 'disabled';
      if (scene.whole === true) return await page.screenshot({ animations });
      return await page.locator('.body').screenshot({ animations });
    } catch (error) {
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    } finally {
      await context.close();
      await control.close();
    }
  };

  for (const [name, scene] of Object.entries(SCENES)) {
    it(`looks as it was looked at: ${name}`, async function () {
      const picture = await photograph(name, scene);
      // Another browser, or other fonts, draw letters otherwise: the scene itself still plays.
      if (!test.isPinned) skipLoudly(this, 'the comparison of pictures: this browser is not ours');
      expectGolden(picture, path.join(GOLDEN, `${name}.png`));
    });
  }

  it('would notice one wrong digit', async () => {
    const showing = SCENES['showing'];
    if (showing === undefined) throw new Error('there is such a scene');
    const right = PNG.sync.read(await photograph('showing', showing));
    const wrong = PNG.sync.read(
      await photograph('another', {
        ...showing,
        async before(control) {
          await inject(control, 'segmentStuckOff', { attributes: { cell: 2, segment: 'a' } });
          await showing.before?.(control);
        },
      }),
    );
    expect(differencePerMille(right, wrong)).to.be.greaterThan(TOLERANCE.perMille);
  });
});
