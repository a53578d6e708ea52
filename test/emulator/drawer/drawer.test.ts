import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { type Drawer, openDrawer } from '../../../emulator/drawer/drawer.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { keptDevice, pressedOnce, serialOf } from '../../support/kept-device.ts';

describe('a drawer', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  let drawer: Drawer;
  const at = (name: string) => path.join(home.path, 'drawer', name);
  const A = serialOf('A');

  beforeEach(() => {
    home = temporaryDirectory();
    drawer = openDrawer(at(''), testLockEnv);
  });
  afterEach(() => home.remove());

  it('that is not there is empty; the first device makes it, for its owner alone', async () => {
    expect(drawer.list()).to.deep.equal({ devices: [], problems: [] });
    await drawer.create(keptDevice('A'));
    expect(fs.statSync(at('')).mode & 0o777).to.equal(0o700);
    expect(fs.statSync(at('A.fob.json')).mode & 0o777).to.equal(0o600);
  });

  it('gives back what was put in, and leaves nothing else behind', async () => {
    const all = ['C', 'A', 'NUL', 'B.1'].map((serial) => keptDevice(serial));
    await drawer.createAll(all);
    const serials = drawer.list().devices.map(({ device }) => device.serial);
    expect(serials).to.have.members(['A', 'B.1', 'C', 'NUL']);
    expect(drawer.read(A).device).to.deep.equal(keptDevice('A').device);
    expect(fs.readdirSync(at(''))).to.have.members([
      'A.fob.json',
      'B.1.fob.json',
      'C.fob.json',
      '_NUL.fob.json',
    ]);
  });

  it('does not find what is not there', async () => {
    expect(await codeOf(async () => drawer.read(A))).to.equal('deviceNotFound');
    expect(await codeOf(() => drawer.update(A, pressedOnce))).to.equal('deviceNotFound');
    expect(await codeOf(() => drawer.remove(A))).to.equal('deviceNotFound');
    expect(fs.existsSync(at(''))).to.equal(false);
  });

  it('never replaces a device by making one', async () => {
    await drawer.create(keptDevice('A'));
    await drawer.update(A, pressedOnce);
    expect(await codeOf(() => drawer.create(keptDevice('A')))).to.equal('deviceExists');
    expect(drawer.read(A).device.state.presses).to.equal(1);
  });

  it('makes all or none: a serial that is taken', async () => {
    await drawer.create(keptDevice('B'));
    const all = ['A', 'B', 'C'].map((serial) => keptDevice(serial));
    expect(await codeOf(() => drawer.createAll(all))).to.equal('deviceExists');
    expect(fs.readdirSync(at(''))).to.deep.equal(['B.fob.json']);
  });

  it('makes all or none: a serial that is there twice', async () => {
    const all = ['A', 'B', 'A'].map((serial) => keptDevice(serial));
    expect(await codeOf(() => drawer.createAll(all))).to.equal('deviceExists');
    expect(fs.readdirSync(at(''))).to.deep.equal([]);
  });

  it('makes all or none: an interruption in the middle', async () => {
    const controller = new AbortController();
    const env = {
      ...testLockEnv,
      pause: (millis: number) => {
        controller.abort();
        return testLockEnv.pause(millis);
      },
    };
    const all = Array.from({ length: 200 }, (_, index) => keptDevice(`A${index}`));
    const made = openDrawer(at(''), env).createAll(all, { signal: controller.signal });
    expect(await codeOf(() => made)).to.equal('unavailable');
    expect(fs.readdirSync(at(''))).to.deep.equal([]);
  });

  describe('on a full disk', () => {
    afterEach(() => sinon.restore());

    /** From now on new files can be made, but not filled. */
    const fill = (isFull: () => boolean): void => {
      const write = fs.writeFileSync;
      sinon.stub(fs, 'writeFileSync').callsFake((file, data, options) => {
        if (!isFull()) return write(file, data, options);
        write(file, '', options);
        throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
      });
    };

    it('leaves no lock behind that would keep others waiting', async () => {
      await drawer.create(keptDevice('A'));
      fill(() => true);
      expect(await codeOf(() => drawer.update(A, pressedOnce))).to.equal('drawerUnusable');
      expect(fs.readdirSync(at(''))).to.deep.equal(['A.fob.json']);
    });

    it('makes all or none', async () => {
      fill(() => fs.readdirSync(at('')).filter((name) => name.endsWith('.json')).length >= 2);
      const all = ['A', 'B', 'C', 'D'].map((serial) => keptDevice(serial));
      expect(await codeOf(() => drawer.createAll(all))).to.equal('drawerUnusable');
      expect(fs.readdirSync(at(''))).to.deep.equal([]);
    });
  });

  it('lists by serial, whatever the files are called', async () => {
    const all = ['CON', 'A', 'Z', 'A.1'].map((serial) => keptDevice(serial));
    await drawer.createAll(all);
    const serials = drawer.list().devices.map(({ device }) => device.serial);
    expect(serials).to.deep.equal(['A', 'A.1', 'CON', 'Z']);
  });

  it('neither waits for a named pipe nor reads a device without end', async function () {
    if (process.platform === 'win32') this.skip();
    await drawer.create(keptDevice('A'));
    execFileSync('mkfifo', [at('P.fob.json')]);
    fs.symlinkSync('/dev/zero', at('Z.fob.json'));
    const { devices, problems } = drawer.list();
    expect(devices).to.have.length(1);
    expect(problems.map(({ errors }) => errors)).to.deep.equal([
      [{ field: '', code: 'wrongType' }],
      [{ field: '', code: 'wrongType' }],
    ]);
  });

  it('loses nothing of many changes at once', async () => {
    await drawer.create(keptDevice('A'));
    const drawers = Array.from({ length: 4 }, () => openDrawer(at(''), testLockEnv));
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const each = drawers[index % drawers.length] ?? drawer;
        return each.update(A, pressedOnce);
      }),
    );
    expect(drawer.read(A).device.state.presses).to.equal(40);
    expect(fs.readdirSync(at(''))).to.deep.equal(['A.fob.json']);
  });

  it('keeps the old file when a change fails', async () => {
    await drawer.create(keptDevice('A'));
    const before = fs.readFileSync(at('A.fob.json'), 'utf8');
    const failing = drawer.update(A, () => {
      throw new Error('no');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('no');
    expect(fs.readFileSync(at('A.fob.json'), 'utf8')).to.equal(before);
    expect(fs.readdirSync(at(''))).to.deep.equal(['A.fob.json']);
    await drawer.update(A, pressedOnce);
  });

  it('ignores files that are not its own, and lists the rest beside a damaged one', async () => {
    await drawer.create(keptDevice('A'));
    fs.writeFileSync(at('notes.txt'), 'mine');
    fs.writeFileSync(at('package.json'), '{}');
    fs.writeFileSync(at('D.fob.json'), '{"format":1');
    fs.writeFileSync(at('N.fob.json'), '{"format":9}');
    fs.copyFileSync(at('A.fob.json'), at('W.fob.json'));
    fs.writeFileSync(at('L.fob.json'), ' '.repeat(70_000));
    fs.mkdirSync(at('DIR.fob.json'));
    const { devices, problems } = drawer.list();
    expect(devices.map(({ device }) => device.serial)).to.deep.equal(['A']);
    expect(problems.map(({ code }) => code)).to.deep.equal([
      'deviceDamaged',
      'deviceDamaged',
      'deviceDamaged',
      'deviceNewer',
      'deviceDamaged',
    ]);
    expect(problems.at(-1)?.errors).to.deep.equal([{ field: '/serial', code: 'notAllowed' }]);
    expect(fs.readFileSync(at('notes.txt'), 'utf8')).to.equal('mine');
  });

  it('does not write over a damaged or a newer file', async () => {
    await drawer.create(keptDevice('A'));
    for (const [text, code] of [
      ['{"format":1', 'deviceDamaged'],
      ['{"format":2}', 'deviceNewer'],
    ] as const) {
      fs.writeFileSync(at('A.fob.json'), text);
      expect(await codeOf(() => drawer.update(A, pressedOnce))).to.equal(code);
      expect(await codeOf(() => drawer.create(keptDevice('A')))).to.equal('deviceExists');
      expect(fs.readFileSync(at('A.fob.json'), 'utf8')).to.equal(text);
    }
  });

  it('clears away what killed processes left, and nothing that is in use', async () => {
    await drawer.create(keptDevice('A'));
    await drawer.update(A, pressedOnce);
    const dead = `${deadPid()} ${testLockEnv.host}\n`;
    const living = `${process.pid} ${testLockEnv.host}\n`;
    fs.writeFileSync(at('.A.1.0.lock'), dead);
    fs.writeFileSync(at('.A.1.0.tmp'), 'a seed');
    fs.writeFileSync(at('.A.2.0.lock'), dead);
    fs.writeFileSync(at('.A.2.0.tmp'), 'a seed');
    fs.writeFileSync(at('.A.2.1.lock'), living);
    fs.writeFileSync(at('.A.2.1.tmp'), 'a seed');
    drawer.list();
    expect(fs.readdirSync(at(''))).to.have.members([
      'A.fob.json',
      '.A.2.0.lock',
      '.A.2.1.lock',
      '.A.2.1.tmp',
    ]);
  });

  it('that is a file is no drawer', async () => {
    fs.writeFileSync(at('').replace(/\/$/, ''), '');
    expect(await codeOf(async () => drawer.list())).to.equal('drawerUnusable');
    expect(await codeOf(() => drawer.create(keptDevice('A')))).to.equal('drawerUnusable');
  });

  it('refuses a place where nothing can be made, and tries once', async function () {
    if (process.platform !== 'linux') this.skip();
    const drawer = openDrawer('/proc/drawer', testLockEnv);
    expect(await codeOf(() => drawer.create(keptDevice('A')))).to.equal('drawerUnusable');
  });
});

/** The id of no process: above what the kernel gives. */
function deadPid(): number {
  return 2 ** 22 + 1;
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof FobtwinError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}
