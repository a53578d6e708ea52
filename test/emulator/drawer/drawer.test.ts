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
  /** What is in it besides its own description. */
  const inside = () => fs.readdirSync(at('')).filter((name) => name !== 'drawer.json');

  beforeEach(() => {
    home = temporaryDirectory();
    drawer = openDrawer(at(''), testLockEnv);
  });
  afterEach(() => {
    sinon.restore();
    home.remove();
  });

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
    expect(inside()).to.have.members(['A.fob.json', 'B.1.fob.json', 'C.fob.json', '_NUL.fob.json']);
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
    expect(inside()).to.deep.equal(['B.fob.json']);
  });

  it('makes all or none: a serial that is there twice', async () => {
    const all = ['A', 'B', 'A'].map((serial) => keptDevice(serial));
    expect(await codeOf(() => drawer.createAll(all))).to.equal('deviceExists');
    expect(fs.existsSync(at(''))).to.equal(false);
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
    expect(inside()).to.deep.equal([]);
  });

  it('makes all at once: none is there before all are', async () => {
    const all = Array.from({ length: 130 }, (_, index) => keptDevice(`A${index}`));
    const seen: number[] = [];
    const onMade = () => {
      seen.push(drawer.list().devices.length, drawer.list().problems.length);
      seen.push(drawer.has(serialOf('A0')) ? 1 : 0);
    };
    const making = drawer.createAll(all, { onMade });
    await making;
    expect(seen).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect(drawer.list().devices).to.have.length(130);
    await drawer.update(serialOf('A0'), pressedOnce);
  });

  it('refuses a serial that another process is making with others', async () => {
    const all = ['A', 'B'].map((serial) => keptDevice(serial));
    let other: string | undefined;
    const env = {
      ...testLockEnv,
      rng: {
        ...testLockEnv.rng,
        bytes(length: number) {
          // The nonce of B: A is written, and not yet there.
          if (length === 12 && fs.existsSync(at('A.fob.json')) && other === undefined) {
            other = 'asked';
            asked = codeOf(() => drawer.create(keptDevice('A')));
          }
          return testLockEnv.rng.bytes(length);
        },
      },
    };
    let asked: Promise<string> = Promise.resolve('');
    await openDrawer(at(''), env).createAll(all);
    expect(await asked).to.equal('deviceExists');
    expect(drawer.list().devices).to.have.length(2);
  });

  it('takes away what a process that died had not made whole', async () => {
    await drawer.create(keptDevice('OWN'));
    // A process that is killed at its last rename: the batch is written, and never declared whole.
    const rename = fs.renameSync;
    let isDead = false;
    sinon.stub(fs, 'renameSync').callsFake((from, to) => {
      const isEnd = String(to).endsWith('drawer.json') && fs.existsSync(at('B.fob.json'));
      if (isEnd || isDead) {
        isDead = true;
        throw new Error('killed');
      }
      rename(from, to);
    });
    sinon.stub(fs, 'rmSync').callsFake(() => {});
    const dying = openDrawer(at(''), { ...testLockEnv, pid: deadPid() });
    const all = ['A', 'B'].map((serial) => keptDevice(serial));
    await dying.createAll(all).catch(() => {});
    sinon.restore();
    expect(inside()).to.include.members(['A.fob.json', 'B.fob.json']);
    expect(drawer.list().devices.map(({ device }) => device.serial)).to.deep.equal(['OWN']);
    expect(await codeOf(async () => drawer.read(A))).to.equal('deviceNotFound');
    await drawer.createAll(all);
    expect(drawer.list().devices).to.have.length(3);
    expect(drawer.list().problems).to.deep.equal([]);
  });

  it("does not take a device for another, or another drawer's", async () => {
    await drawer.createAll([keptDevice('A'), keptDevice('B')]);
    const other = openDrawer(at('../other'), testLockEnv);
    await other.create(keptDevice('A'));
    const mine = fs.readFileSync(at('A.fob.json'), 'utf8');
    for (const [text, field] of [
      [fs.readFileSync(at('../other/A.fob.json'), 'utf8'), '/drawer'],
      [fs.readFileSync(at('B.fob.json'), 'utf8'), '/serial'],
      [mine.replace('"revision": 1', '"revision": 2'), '/sealed'],
    ] as const) {
      fs.writeFileSync(at('A.fob.json'), text);
      const { problems } = drawer.list();
      expect(problems.map(({ errors }) => errors[0]?.field)).to.deep.equal([field]);
      expect(await codeOf(() => drawer.update(A, pressedOnce))).to.equal('deviceDamaged');
      expect(fs.readFileSync(at('A.fob.json'), 'utf8')).to.equal(text);
    }
  });

  describe('on a full disk', () => {
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
      expect(inside()).to.deep.equal(['A.fob.json']);
    });

    it('makes all or none', async () => {
      fill(() => inside().filter((name) => name.endsWith('.json')).length >= 2);
      const all = ['A', 'B', 'C', 'D'].map((serial) => keptDevice(serial));
      expect(await codeOf(() => drawer.createAll(all))).to.equal('drawerUnusable');
      expect(inside()).to.deep.equal([]);
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
    expect(inside()).to.deep.equal(['A.fob.json']);
  });

  it('keeps the old file when a change fails', async () => {
    await drawer.create(keptDevice('A'));
    const before = fs.readFileSync(at('A.fob.json'), 'utf8');
    const failing = drawer.update(A, () => {
      throw new Error('no');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('no');
    expect(fs.readFileSync(at('A.fob.json'), 'utf8')).to.equal(before);
    expect(inside()).to.deep.equal(['A.fob.json']);
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
      ['{"format":3}', 'deviceNewer'],
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
    expect(inside()).to.have.members(['A.fob.json', '.A.2.0.lock', '.A.2.1.lock', '.A.2.1.tmp']);
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
