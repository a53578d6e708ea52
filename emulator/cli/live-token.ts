import type { Serial } from '../../shared/types.ts';
import { press, read } from '../device/device.ts';
import type { Device, Reading } from '../device/types.ts';
import type { Drawer } from '../drawer/drawer.ts';
import { deviceEnv } from './device-env.ts';
import type { CliEnv } from './env.ts';

/** A token in the drawer, seen as time passes. Holds no lock between presses. */
export interface LiveToken {
  readonly serial: Serial;
  /** As the drawer has it, so that presses made elsewhere are seen too. */
  device(): Device;
  /** The display now. */
  look(): Reading;
  press(): Promise<Reading>;
}

/** How often the display is looked at, in milliseconds. */
export const LOOK_MILLIS = 250;

export function openLiveToken(serial: Serial, drawer: Drawer, env: CliEnv): LiveToken {
  const device = () => drawer.read(serial).device;
  return {
    serial,
    device,
    look: () => read(device(), env.clock.now(), deviceEnv),
    async press() {
      const pressed = await drawer.update(serial, (kept) => ({
        ...kept,
        device: press(kept.device, env.clock.now(), deviceEnv),
      }));
      return read(pressed.device, env.clock.now(), deviceEnv);
    },
  };
}
