import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { lockName } from '../../../emulator/drawer/file-names.ts';
import { LOCK_WAIT, type LockEnv, lockDevice } from '../../../emulator/drawer/lock.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { serialOf } from '../../support/kept-device.ts';

describe("a device's lock", () => {
  let home: ReturnType<typeof temporaryDirectory>;
  const serial = serialOf('A');
  /** Time passes only when it is waited for, and at once. */
  const env: LockEnv = { ...testLockEnv, pause: () => Promise.resolve() };
  const LIVING = `${process.pid} ${env.host}\n`;
  const DEAD = `${2 ** 22 + 1} ${env.host}\n`;
  const put = (attempt: number, owner: string, revision = 3) =>
    fs.writeFileSync(path.join(home.path, lockName({ serial, revision, attempt })), owner);
  const lock = (changes: Partial<LockEnv> = {}, revision = () => 3) =>
    lockDevice(home.path, serial, revision, { ...env, ...changes });

  beforeEach(() => {
    home = temporaryDirectory();
  });
  afterEach(() => home.remove());

  it('is free at first, and again once it was let go', async () => {
    const held = await lock();
    expect(held).to.include({ revision: 3, attempt: 0 });
    held.letGo();
    expect((await lock()).attempt).to.equal(0);
  });

  it('is waited for while its holder lives, and then the device is busy', async () => {
    put(0, LIVING);
    let waitedMillis = 0;
    const pause = async (millis: number) => {
      waitedMillis += millis;
      put(0, LIVING);
      // Its holder is seen at work: the revision moves on, and is locked again.
      revision += 1;
      put(0, LIVING, revision);
    };
    let revision = 3;
    const busy = await lock({ pause }, () => revision).catch((error: unknown) => error);
    expect(busy).to.be.instanceOf(FobtwinError).and.include({ code: 'deviceBusy' });
    expect(waitedMillis).to.be.at.least(LOCK_WAIT.giveUpMillis);
  });

  it('of a dead holder is passed without waiting', async () => {
    put(0, DEAD);
    put(1, DEAD);
    const pause = () => Promise.reject(new Error('waited'));
    expect((await lock({ pause })).attempt).to.equal(2);
  });

  for (const [what, owner, millis] of [
    ['of another machine', '1 elsewhere\n', LOCK_WAIT.holderMillis],
    ['that is still empty', '', LOCK_WAIT.namelessMillis],
    ['of this process, alive but stuck', LIVING, LOCK_WAIT.holderMillis],
  ] as const) {
    it(`${what} is passed after ${millis / 1000} s, not before`, async () => {
      put(0, owner);
      let waitedMillis = 0;
      const pause = async (millis: number) => {
        waitedMillis += millis;
      };
      expect((await lock({ pause })).attempt).to.equal(1);
      expect(waitedMillis).to.be.within(millis, millis + 2 * LOCK_WAIT.pauseMillisMax);
    });
  }

  it('that was passed is not held, and letting go of it does not free the device', async () => {
    const slow = await lock();
    put(1, LIVING);
    expect(slow.stillHeld()).to.equal(false);
    slow.letGo();
    const third = await lock();
    expect(third.attempt).to.equal(2);
  });

  it('is not given below a living one, even when a lower lock is missing', async () => {
    put(1, LIVING);
    expect((await lock()).attempt).to.equal(2);
  });

  it('of a past revision is let go of at once', async () => {
    let asked = 0;
    const revision = () => {
      asked += 1;
      return asked === 1 ? 3 : 4;
    };
    const held = await lock({}, revision);
    expect(held.revision).to.equal(4);
    expect(fs.readdirSync(home.path)).to.deep.equal([lockName({ ...held, revision: 4 })]);
  });

  it('takes everything of its revision along when it is finished', async () => {
    put(0, DEAD);
    fs.writeFileSync(path.join(home.path, '.A.3.0.tmp'), 'half');
    const held = await lock();
    held.finish();
    expect(fs.readdirSync(home.path)).to.deep.equal([]);
  });
});
