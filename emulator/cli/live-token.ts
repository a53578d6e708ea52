import type { Serial } from '../../shared/types.ts';
import { type PadKey, press, pressKey, read } from '../device/device.ts';
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
  /** Held as long as its menu asks for; the finger is let go now. */
  hold(): Promise<Reading>;
  /** A key of the PIN pad. A token without one has no such key: nothing happens. */
  key(key: PadKey): Promise<Reading>;
}

/** How often the display is looked at, in milliseconds. */
export const LOOK_MILLIS = 250;

export function openLiveToken(serial: Serial, drawer: Drawer, env: CliEnv): LiveToken {
  const device = () => drawer.read(serial).device;
  const look = () => read(device(), env.clock.now(), deviceEnv);
  const change = async (next: (device: Device) => Device): Promise<Reading> => {
    const changed = await drawer.update(serial, (kept) => ({ ...kept, device: next(kept.device) }));
    return read(changed.device, env.clock.now(), deviceEnv);
  };
  return {
    serial,
    device,
    look,
    press: () => change((token) => press(token, env.clock.now(), deviceEnv)),
    async hold() {
      const { holdSeconds } = device().profile.button;
      // Without a menu a long press is a press.
      const holdMillis = (holdSeconds ?? 0) * 1000;
      await env.pause(holdMillis);
      return change((token) => {
        const begun = (env.clock.now() - holdMillis) as typeof token.madeAt;
        return press(token, begun, deviceEnv, { holdMillis });
      });
    },
    async key(key) {
      if (device().profile.pin === undefined) return look();
      return change((token) => pressKey(token, env.clock.now(), key, deviceEnv));
    },
  };
}
