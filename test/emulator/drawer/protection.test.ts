import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { type Drawer, openDrawer } from '../../../emulator/drawer/drawer.ts';
import type { ProtectionOptions } from '../../../emulator/drawer/drawer-parts.ts';
import { aclArguments } from '../../../emulator/drawer/key-file.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { keptDevice, pressedOnce, serialOf } from '../../support/kept-device.ts';

/** The least that is taken: half a minute of the default would be spent in here. */
const QUICK = { stretchCost: 2 ** 14 };

describe('what opens a drawer', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  const at = (name: string) => path.join(home.path, name);
  const open = (protection: ProtectionOptions = {}): Drawer =>
    openDrawer(at('drawer'), testLockEnv, { ...QUICK, ...protection });
  const A = serialOf('A');
  /** Every file of the drawer and its text. */
  const contents = () =>
    Object.fromEntries(
      fs
        .readdirSync(at('drawer'))
        .map((name) => [name, fs.readFileSync(at(`drawer/${name}`), 'utf8')]),
    );
  const refusals = async (drawer: Drawer) => [
    await errorOf(async () => drawer.list()),
    await errorOf(async () => drawer.read(A)),
    await errorOf(() => drawer.update(A, pressedOnce)),
    await errorOf(() => drawer.create(keptDevice('B'))),
  ];
  const expectAll = async (drawer: Drawer, code: string, says: RegExp, next: RegExp) => {
    const before = contents();
    for (const error of await refusals(drawer)) {
      expect(error?.code).to.equal(code);
      expect(error?.message).to.match(says);
      expect(error?.nextStep).to.match(next);
    }
    expect(contents()).to.deep.equal(before);
  };

  beforeEach(() => {
    home = temporaryDirectory();
  });
  afterEach(() => home.remove());

  describe('a key file', () => {
    it('is made with the drawer, outside of it, for its owner alone', async () => {
      await open().create(keptDevice('A'));
      expect(fs.readdirSync(at('drawer'))).to.have.members(['A.fob.json', 'drawer.json']);
      expect(fs.statSync(at('drawer.key')).mode & 0o777).to.equal(0o600);
      const key = fs.readFileSync(at('drawer.key'), 'utf8').split(' ')[1]?.trim() ?? '';
      for (const text of Object.values(contents())) {
        expect(text).not.to.contain(key).and.not.contain('GEZDGNBV');
      }
      expect(open().read(A).device.serial).to.equal('A');
    });

    it('is chosen, with directories that are missing, and shared by several drawers', async () => {
      const keyFile = at('keys/mine/fob.key');
      await open({ keyFile }).create(keptDevice('A'));
      const key = fs.readFileSync(keyFile, 'utf8');
      const other = openDrawer(at('other'), testLockEnv, { keyFile });
      await other.create(keptDevice('B'));
      expect(fs.readFileSync(keyFile, 'utf8')).to.equal(key);
      expect(open({ keyFile }).list().devices).to.have.length(1);
      expect(fs.existsSync(at('drawer.key'))).to.equal(false);
    });

    it('that is not there is one error, and nothing changes', async () => {
      await open().create(keptDevice('A'));
      fs.rmSync(at('drawer.key'));
      await expectAll(
        open(),
        'drawerKeyUnusable',
        /drawer\.key .* is not there/,
        /copy of it back/,
      );
    });

    it('of another drawer is one error, and nothing changes', async () => {
      await open().create(keptDevice('A'));
      await openDrawer(at('other'), testLockEnv).create(keptDevice('B'));
      fs.copyFileSync(at('other.key'), at('drawer.key'));
      await expectAll(open(), 'wrongDrawerKey', /does not open/, /FOB_KEY_FILE/);
    });

    it('that others may read is refused, with the way to close it', async function () {
      if (process.platform === 'win32') this.skip();
      await open().create(keptDevice('A'));
      for (const mode of [0o640, 0o604, 0o666]) {
        fs.chmodSync(at('drawer.key'), mode);
        await expectAll(open(), 'drawerKeyUnusable', /read by others \(mode 06/, /chmod 600 /);
      }
      fs.chmodSync(at('drawer.key'), 0o400);
      await open().update(A, pressedOnce);
    });

    for (const [what, spoil] of [
      ['is empty', (file: string) => fs.writeFileSync(file, '')],
      ['is a text', (file: string) => fs.writeFileSync(file, 'my key\n')],
      ['is long', (file: string) => fs.writeFileSync(file, 'x'.repeat(5000))],
      [
        'is a directory',
        (file: string) => {
          fs.rmSync(file);
          fs.mkdirSync(file, 0o700);
        },
      ],
    ] as const) {
      it(`that ${what} is no key`, async () => {
        await open().create(keptDevice('A'));
        spoil(at('drawer.key'));
        await expectAll(open(), 'drawerKeyUnusable', /drawer\.key/, /FOB_KEY_FILE/);
      });
    }

    it('is left to its owner by an access list on Windows, before the key is in it', async () => {
      const ran: (readonly [string, readonly string[], string])[] = [];
      const runProgram = (program: string, args: readonly string[]) => {
        ran.push([program, args, fs.readFileSync(args[0] ?? '', 'utf8')]);
      };
      await open({ platform: 'win32', runProgram }).create(keptDevice('A'));
      expect(ran).to.have.length(1);
      const [program, args = [], contentsThen] = ran[0] ?? [];
      expect(program).to.equal('icacls.exe');
      expect(args[0]).to.match(/drawer\.key\.[0-9a-f]{16}\.tmp$/);
      expect(args.slice(1)).to.deep.equal(['/inheritance:r', '/grant:r', '*S-1-3-4:F', '/q']);
      expect(aclArguments('C:\\k')).to.deep.equal([
        'C:\\k',
        '/inheritance:r',
        '/grant:r',
        '*S-1-3-4:F',
        '/q',
      ]);
      expect(contentsThen).to.equal('');
      // Modes mean nothing there.
      fs.chmodSync(at('drawer.key'), 0o666);
      expect(open({ platform: 'win32' }).list().devices).to.have.length(1);
    });

    it('is not made where its access list cannot be set', async () => {
      const runProgram = () => {
        throw new Error('icacls failed');
      };
      const making = open({ platform: 'win32', runProgram }).create(keptDevice('A'));
      expect((await errorOf(() => making))?.code).to.equal('drawerKeyUnusable');
      expect(fs.readdirSync(home.path)).to.deep.equal(['drawer']);
      expect(fs.readdirSync(at('drawer'))).to.deep.equal([]);
    });
  });

  describe('a passphrase', () => {
    const passphrase = 'träumen vom Meer';

    it('protects a drawer that is made with it; no key file is made', async () => {
      await open({ passphrase }).create(keptDevice('A'));
      expect(fs.readdirSync(home.path)).to.deep.equal(['drawer']);
      expect(open({ passphrase }).read(A).device.serial).to.equal('A');
      // The same signs, spelled with combining marks.
      expect(open({ passphrase: passphrase.normalize('NFD') }).list().devices).to.have.length(1);
    });

    it('that is wrong, or is not there, is one error, and nothing changes', async () => {
      await open({ passphrase }).create(keptDevice('A'));
      const wrong = open({ passphrase: 'träumen vom mehr' });
      await expectAll(wrong, 'wrongDrawerKey', /passphrase does not open/, /nothing was changed/);
      await expectAll(open(), 'drawerKeyUnusable', /under a passphrase/, /FOB_PASSPHRASE_FILE/);
    });

    it('has 8 characters at least', async () => {
      const making = open({ passphrase: 'seven..' }).create(keptDevice('A'));
      expect((await errorOf(() => making))?.message).to.contain('8 to 1024');
    });

    it('takes the place of a key file, and back; the devices stay', async () => {
      await open().create(keptDevice('A'));
      await open().update(A, pressedOnce);
      await open().protect({ passphrase });
      fs.rmSync(at('drawer.key'));
      expect(open({ passphrase }).read(A).device.state.presses).to.equal(1);
      await open({ passphrase }).protect({});
      expect(open().read(A).device.state.presses).to.equal(1);
    });

    it("stretches no longer than a minute, whatever a drawer's description asks for", async () => {
      await open({ passphrase }).create(keptDevice('A'));
      const file = at('drawer/drawer.json');
      const text = fs.readFileSync(file, 'utf8');
      for (const cost of [2 ** 30, 2 ** 10, 2 ** 15 + 1]) {
        fs.writeFileSync(file, text.replace(/"cost": \d+/, `"cost": ${cost}`));
        await expectAll(open({ passphrase }), 'drawerDamaged', /\/key\/stretch\/cost/, /copy/);
      }
    });
  });

  describe("the drawer's description", () => {
    it('that is changed by hand is refused', async () => {
      await open().create(keptDevice('A'));
      const file = at('drawer/drawer.json');
      const text = fs.readFileSync(file, 'utf8');
      for (const [from, to, field] of [
        ['"plain": false', '"plain": true', '/mark'],
        [/"mark": ".{5}/, '"mark": "AAAAA', '/mark'],
        ['"revision": 1', '"revision": 9', '/mark'],
        ['"arriving": []', '"arriving": 5', '/arriving'],
        ['"format": 1', '"form": 1', '/format'],
      ] as const) {
        fs.writeFileSync(file, text.replace(from, to));
        const error = await errorOf(async () => open().read(A));
        expect(error?.code).to.equal('drawerDamaged');
        expect(error?.errors[0]?.field).to.equal(field);
      }
      fs.writeFileSync(file, text);
      expect(open().read(A).device.serial).to.equal('A');
    });

    it('that is forged removes nothing, and lets no plain device in', async () => {
      await open().create(keptDevice('A'));
      const file = at('drawer/drawer.json');
      const precious = at('precious.txt');
      fs.writeFileSync(precious, 'mine');
      const { host } = testLockEnv;
      // No process has this id: what it was about is taken for given up.
      const work = { id: '0'.repeat(32), host, pid: 2 ** 22 + 1 };
      const header = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
      const forged = { ...header, plain: true, leaving: { ...work, draft: precious } };
      fs.writeFileSync(file, JSON.stringify(forged));
      fs.writeFileSync(at('drawer/A.fob.json'), plainFile('A'));
      for (const attempt of [() => open().protect({}), async () => open().read(A)]) {
        expect((await errorOf(attempt))?.errors[0]?.field).to.equal('/mark');
      }
      expect(fs.readFileSync(precious, 'utf8')).to.equal('mine');
    });

    it('of a newer fob is refused', async () => {
      await open().create(keptDevice('A'));
      fs.writeFileSync(at('drawer/drawer.json'), '{"format":2,"anything":1}');
      await expectAll(open(), 'drawerNewer', /has format 2/, /newer fob/);
    });

    it('that is lost is named, and no other is made in its place', async () => {
      await open().create(keptDevice('A'));
      fs.rmSync(at('drawer/drawer.json'));
      const error = await errorOf(async () => open().read(A));
      expect(error?.code).to.equal('drawerDamaged');
      expect(error?.message).to.contain('has lost its drawer.json');
      expect((await errorOf(() => open().create(keptDevice('B'))))?.code).to.equal('drawerDamaged');
      expect(fs.readdirSync(at('drawer'))).to.deep.equal(['A.fob.json']);
    });
  });

  describe('a drawer of the old plain format', () => {
    beforeEach(() => {
      fs.mkdirSync(at('drawer'));
      for (const serial of ['A', 'B', 'C']) {
        fs.writeFileSync(at(`drawer/${serial}.fob.json`), plainFile(serial));
      }
    });

    it('is read as it is', () => {
      const { devices, problems } = open().list();
      expect(devices.map(({ device }) => device.state.presses)).to.deep.equal([3, 3, 3]);
      expect(problems).to.deep.equal([]);
      expect(fs.readdirSync(home.path)).to.deep.equal(['drawer']);
    });

    it('is encrypted as a whole by its first change', async () => {
      await open().update(A, pressedOnce);
      for (const text of Object.values(contents())) expect(text).not.to.contain('GEZDGNBV');
      const { devices } = open().list();
      expect(devices.map(({ device }) => device.state.presses)).to.deep.equal([4, 3, 3]);
    });

    it('is so too by a token that is made in it', async () => {
      await open().create(keptDevice('NEW'));
      for (const text of Object.values(contents())) expect(text).not.to.contain('GEZDGNBV');
      expect(open().list().devices).to.have.length(4);
    });

    it('takes no plain file any more from then on', async () => {
      await open().update(A, pressedOnce);
      fs.writeFileSync(at('drawer/A.fob.json'), plainFile('A', 0));
      const error = await errorOf(async () => open().read(A));
      expect(error?.errors).to.deep.equal([{ field: '/format', code: 'notAllowed' }]);
    });

    it('keeps what cannot be read, and reads it once it is put right', async () => {
      fs.writeFileSync(at('drawer/C.fob.json'), '{');
      await open().update(A, pressedOnce);
      expect(open().list().problems).to.have.length(1);
      fs.writeFileSync(at('drawer/C.fob.json'), plainFile('C'));
      await open().update(A, pressedOnce);
      for (const text of Object.values(contents())) expect(text).not.to.contain('GEZDGNBV');
      expect(open().list().devices).to.have.length(3);
    });
  });
});

async function errorOf(work: () => Promise<unknown>): Promise<FobtwinError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
}

/** A device's file of format 1. */
const plainFile = (serial: string, presses = 3) =>
  JSON.stringify({
    format: 1,
    revision: 4,
    serial,
    profile: 'e6',
    mode: 'simulated',
    parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
    seed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    ratePpm: 2.5,
    labels: {},
    state: { state: 'asleep', asOf: 0, offsetMillis: 0, counter: presses, presses },
  });
