import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { drawerOver } from '../../../emulator/drawer/drawer.ts';
import { openParts } from '../../../emulator/drawer/drawer-parts.ts';
import { createFileToBe } from '../../../emulator/drawer/file-to-be.ts';
import {
  finishMove,
  moveIn,
  moveOut,
  retireFile,
  unfinishedMove,
} from '../../../emulator/drawer/moving.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory, testLockEnv, testRng } from '../../support/fob-env.ts';
import { keptDevice, pressedOnce, serialOf } from '../../support/kept-device.ts';

const PASSPHRASE = 'eight words are better than one';
const AT = '2026-01-01T00:00:00.000Z';
const cost = 2 ** 14;
/** The id of no process: above what the kernel gives. */
const DEAD_PID = 2 ** 22 + 1;

describe('a drawer that moves', () => {
  let home: ReturnType<typeof temporaryDirectory>;
  const at = (name: string) => path.join(home.path, name);
  const A = serialOf('A');
  const parts = (name = 'drawer', changes = {}) =>
    openParts(at(name), { ...testLockEnv, ...changes });
  const drawer = (name = 'drawer') => drawerOver(parts(name));
  const target = (draft?: string, name = 'all.fobdrawer') =>
    createFileToBe(at(name), testRng, draft);
  const out = async (from = parts(), name = 'all.fobdrawer') =>
    moveOut(from, target(undefined, name), { passphrase: PASSPHRASE, at: AT, cost });
  const into = (name: string, passphrase = PASSPHRASE) =>
    moveIn(parts(name), at('all.fobdrawer'), { passphrase });

  beforeEach(async () => {
    home = temporaryDirectory();
    await drawer().createAll(['A', 'B', 'C'].map((serial) => keptDevice(serial)));
    await drawer().update(A, pressedOnce);
    await drawer().update(A, pressedOnce);
  });
  afterEach(() => {
    sinon.restore();
    home.remove();
  });

  it('is whole elsewhere: every device, its state, and no fewer revisions', async () => {
    const before = drawer().list().devices;
    expect(await out()).to.equal(3);
    expect(fs.statSync(at('all.fobdrawer')).mode & 0o777).to.equal(0o600);
    expect(fs.readFileSync(at('all.fobdrawer'), 'utf8')).not.to.contain('GEZDGNBV');
    await into('new');
    const after = drawer('new').list().devices;
    expect(after.map(({ device }) => device)).to.deep.equal(before.map(({ device }) => device));
    const revisionIn = (name: string): number =>
      Number(/"revision": (\d+)/.exec(fs.readFileSync(at(`${name}/A.fob.json`), 'utf8'))?.[1]);
    expect(revisionIn('new')).to.be.greaterThan(revisionIn('drawer'));
    await drawer('new').update(A, pressedOnce);
    expect(drawer('new').read(A).device.state.presses).to.equal(3);
  });

  it('refuses everything from then on, in a sentence that says where', async () => {
    await out();
    for (const work of [
      async () => drawer().read(A),
      () => drawer().update(A, pressedOnce),
      () => drawer().remove(A),
      () => drawer().protect({}),
      () => out(parts(), 'again.fobdrawer'),
    ]) {
      const error = await errorOf(work);
      expect(error?.code).to.equal('drawerMoved');
      expect(error?.message).to.contain('all.fobdrawer').and.contain('2026-01-01');
      expect(error?.nextStep).to.contain('fob drawer import');
    }
    const { devices, problems, moved } = drawer().list();
    expect({ devices, problems, tokens: moved?.tokens }).to.deep.equal({
      devices: [],
      problems: [],
      tokens: 3,
    });
  });

  it('opens no more with its old key file, and begins anew with another token', async () => {
    const keyFile = fs.readFileSync(at('drawer.key'), 'utf8');
    await out();
    expect(fs.readFileSync(at('drawer/drawer.json'), 'utf8')).not.to.contain('"sealed"');
    await drawer().create(keptDevice('A'));
    expect(fs.readFileSync(at('drawer.key'), 'utf8')).to.equal(keyFile);
    expect(drawer().read(A).device.state.presses).to.equal(0);
    expect((await errorOf(async () => drawer().read(serialOf('B'))))?.code).to.equal('drawerMoved');
    expect(drawer().list().devices).to.have.length(1);
    expect(drawer().list().problems).to.deep.equal([]);
  });

  it('comes back', async () => {
    await out();
    await into('new');
    retireFile(at('all.fobdrawer'));
    await out(parts('new'));
    await into('drawer');
    expect(drawer().read(A).device.state.presses).to.equal(2);
    expect(drawer().list().devices).to.have.length(3);
  });

  it('is not imported twice into one place, nor over a token that is there', async () => {
    await out();
    await drawer('new').create(keptDevice('B'));
    expect((await errorOf(() => into('new')))?.message).to.contain('already has B');
    expect(drawer('new').list().devices).to.have.length(1);
    await into('other');
    expect((await errorOf(() => into('other')))?.code).to.equal('deviceExists');
  });

  it('opens with its own passphrase only', async () => {
    await out();
    const error = await errorOf(() => into('new', 'another passphrase'));
    expect(error?.code).to.equal('wrongDrawerKey');
    expect(error?.message).to.contain('all.fobdrawer');
    expect(fs.existsSync(at('new'))).to.equal(false);
  });

  it('is refused damaged, cut, doubled or put together of two', async () => {
    await out();
    const file = at('all.fobdrawer');
    const text = fs.readFileSync(file, 'utf8');
    const [first = '', a = '', b = '', c = ''] = text.split('\n');
    for (const [changed, code] of [
      ['', 'drawerDamaged'],
      ['mine', 'drawerDamaged'],
      ['{"fobDrawer":2}\n', 'drawerNewer'],
      [text.slice(0, -2), 'drawerDamaged'],
      [[first, a, b, ''].join('\n'), 'drawerDamaged'],
      [[first, a, b, b, ''].join('\n'), 'drawerDamaged'],
      [[first, b, a, c, ''].join('\n'), 'drawerDamaged'],
      [[first, a, b, c, c, ''].join('\n'), 'drawerDamaged'],
      [text.replace('"tokens":3', '"tokens":2'), 'wrongDrawerKey'],
      [text.replace('"cost":16384', '"cost":1073741824'), 'drawerDamaged'],
    ] as const) {
      fs.writeFileSync(file, changed);
      const error = await errorOf(() => into('new'));
      expect(error?.code, changed.slice(0, 40)).to.equal(code);
      expect(error?.message).to.contain('all.fobdrawer');
    }
    expect(fs.existsSync(at('new'))).to.equal(false);
  });

  it('is refused empty, or into a place that is taken; nothing changes', async () => {
    expect((await errorOf(() => out(parts('nothing'))))?.message).to.contain('is empty');
    expect(fs.existsSync(at('nothing'))).to.equal(false);
    fs.writeFileSync(at('all.fobdrawer'), 'mine');
    expect((await errorOf(() => out()))?.code).to.equal('exists');
    expect(fs.readFileSync(at('all.fobdrawer'), 'utf8')).to.equal('mine');
    await drawer().update(A, pressedOnce);
  });

  it('stays when a device cannot be read', async () => {
    fs.writeFileSync(at('drawer/B.fob.json'), '{');
    expect((await errorOf(() => out()))?.code).to.equal('deviceDamaged');
    expect(fs.readdirSync(home.path)).to.have.members(['drawer', 'drawer.key']);
    await drawer().update(A, pressedOnce);
  });

  it('stays when it is interrupted, or its passphrase is too short', async () => {
    const signal = AbortSignal.abort();
    const options = { passphrase: PASSPHRASE, at: AT, cost };
    const stopped = await errorOf(() => moveOut(parts(), target(), { ...options, signal }));
    expect(stopped?.message).to.contain('nothing has moved');
    const short = await errorOf(() => moveOut(parts(), target(), { ...options, passphrase: 'x' }));
    expect(short?.code).to.equal('invalidInput');
    expect(fs.readdirSync(home.path)).to.have.members(['drawer', 'drawer.key']);
    await drawer().update(A, pressedOnce);
  });

  it('lets no press in between', async () => {
    const moving = out();
    const presses = Array.from({ length: 20 }, () =>
      drawer()
        .update(A, pressedOnce)
        .then(
          () => 1,
          (error: unknown) => {
            expect(error).to.be.instanceOf(FobtwinError);
            expect((error as FobtwinError).code).to.be.oneOf(['deviceBusy', 'drawerMoved']);
            return 0;
          },
        ),
    );
    const counted = (await Promise.all(presses)).reduce<number>((sum, one) => sum + one, 0);
    await moving;
    await into('new');
    expect(drawer('new').read(A).device.state.presses).to.equal(2 + counted);
  });

  /** From this call on, nothing that a process does happens any more. */
  const killAt = (isEnd: (from: string, to: string) => boolean): void => {
    let isDead = false;
    const guard = <Work extends (...args: never[]) => unknown>(work: Work) =>
      ((...args: never[]) => {
        isDead ||= isEnd(String(args[0]), String(args[1]));
        if (isDead) throw new Error('killed');
        return work(...args);
      }) as Work;
    for (const name of ['renameSync', 'linkSync', 'writeFileSync', 'rmSync'] as const) {
      const original = fs[name].bind(fs) as (...args: never[]) => unknown;
      sinon.stub(fs, name).callsFake(guard(original) as never);
    }
  };

  it('killed before it was decided, has not moved: the next press undoes it', async () => {
    const dying = parts('drawer', { pid: DEAD_PID });
    // The second time the header is replaced is the decision.
    let headers = 0;
    killAt((_from, to) => to.endsWith('drawer.json') && ++headers === 2);
    await out(dying).catch(() => {});
    sinon.restore();
    expect(fs.readdirSync(home.path).some((name) => name.endsWith('.tmp'))).to.equal(true);
    expect(drawer().list().devices).to.have.length(3);
    await drawer().update(A, pressedOnce);
    expect(fs.readdirSync(home.path)).to.have.members(['drawer', 'drawer.key']);
    expect(await out()).to.equal(3);
  });

  it('killed after it was decided, has moved: the next export ends it', async () => {
    killAt((from) => from.endsWith('.tmp') && from.includes('all.fobdrawer') && isMoved());
    const isMoved = () => fs.readFileSync(at('drawer/drawer.json'), 'utf8').includes('"moved"');
    await out(parts('drawer', { pid: DEAD_PID })).catch(() => {});
    sinon.restore();
    expect(fs.existsSync(at('all.fobdrawer'))).to.equal(false);
    const error = await errorOf(() => drawer().update(A, pressedOnce));
    expect(error?.code).to.equal('drawerMoved');
    expect(error?.nextStep).to.contain('fob drawer export').and.contain('all.fobdrawer');
    expect((await errorOf(() => drawer().create(keptDevice('D'))))?.code).to.equal('drawerMoved');
    const unfinished = unfinishedMove(parts());
    await finishMove(parts(), target(unfinished?.draft));
    expect(unfinishedMove(parts())).to.equal(undefined);
    await into('new');
    expect(drawer('new').read(A).device.state.presses).to.equal(2);
  });

  it('killed after the file got its name, is ended by the next export', async () => {
    // The data key is given up last.
    killAt((_from, to) => to.endsWith('drawer.json') && fs.existsSync(at('all.fobdrawer')));
    await out(parts('drawer', { pid: DEAD_PID })).catch(() => {});
    sinon.restore();
    expect(fs.existsSync(at('all.fobdrawer'))).to.equal(true);
    const unfinished = unfinishedMove(parts());
    await finishMove(parts(), target(unfinished?.draft));
    expect(fs.readFileSync(at('drawer/drawer.json'), 'utf8')).not.to.contain('"sealed"');
    expect(await into('new')).to.have.length(3);
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
