import { expect } from 'chai';
import {
  createDrawerHolder,
  createMemoryHolder,
  type Holder,
} from '../../../emulator/control/holder.ts';
import type { Device } from '../../../emulator/device/types.ts';
import type { KeptDevice } from '../../../emulator/drawer/device-file.ts';
import { openDrawer } from '../../../emulator/drawer/drawer.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { temporaryDirectory, testLockEnv } from '../../support/fob-env.ts';
import { keptDevice, pressedOnce, serialOf } from '../../support/kept-device.ts';

interface Made {
  readonly holder: Holder;
  remove(): void;
}

const IMPLEMENTATIONS: Readonly<Record<string, (kept: KeptDevice[]) => Promise<Made>>> = {
  memory: async (kept) => ({ holder: createMemoryHolder(kept), remove: () => {} }),
  drawer: async (kept) => {
    const home = temporaryDirectory();
    const drawer = openDrawer(home.path, testLockEnv);
    await drawer.createAll(kept);
    return { holder: createDrawerHolder(drawer), remove: home.remove };
  },
  'drawer, some of it': async (kept) => {
    const home = temporaryDirectory();
    const drawer = openDrawer(home.path, testLockEnv);
    await drawer.createAll([...kept, keptDevice('ZZ-OTHER')]);
    const serials = kept.map(({ device }) => device.serial);
    return { holder: createDrawerHolder(drawer, { serials }), remove: home.remove };
  },
};

const presses = ({ device }: KeptDevice): number => device.state.presses;
const press = (device: Device): Device => pressedOnce({ device, labels: {} }).device;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return error instanceof FobtwinError ? error.code : String(error);
  }
}

for (const [name, makeHolder] of Object.entries(IMPLEMENTATIONS)) {
  describe(`a holder of devices: ${name}`, () => {
    let made: Made;
    const serial = serialOf('E6-00000001');

    beforeEach(async () => {
      made = await makeHolder([keptDevice('E6-00000002'), keptDevice('E6-00000001')]);
    });
    afterEach(() => made.remove());

    it('lists by serial', async () => {
      const all = await made.holder.list();
      expect(all.map(({ device }) => device.serial)).to.deep.equal(['E6-00000001', 'E6-00000002']);
    });

    it('keeps a change', async () => {
      const changed = await made.holder.change(serial, press);
      expect(presses(changed)).to.equal(1);
      expect(presses(await made.holder.read(serial))).to.equal(1);
    });

    it('makes changes at the same time one after the other', async () => {
      await Promise.all(Array.from({ length: 8 }, () => made.holder.change(serial, press)));
      expect(presses(await made.holder.read(serial))).to.equal(8);
    });

    it('changes nothing when the change throws', async () => {
      const failing = made.holder.change(serial, () => {
        throw new FobtwinError('notAllowedNow', 'no');
      });
      expect(await codeOf(failing)).to.equal('notAllowedNow');
      expect(presses(await made.holder.read(serial))).to.equal(0);
    });

    it('knows nothing of other serials', async () => {
      for (const other of ['E6-99999999', 'ZZ-OTHER'].map(serialOf)) {
        if (name === 'drawer' && other === 'ZZ-OTHER') continue;
        expect(await codeOf(made.holder.read(other))).to.equal('deviceNotFound');
        expect(await codeOf(made.holder.change(other, press))).to.equal('deviceNotFound');
      }
    });
  });
}
