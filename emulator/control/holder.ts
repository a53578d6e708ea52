import { FobtwinError } from '../../shared/errors.ts';
import type { Serial } from '../../shared/types.ts';
import type { Device } from '../device/types.ts';
import type { KeptDevice, Labels } from '../drawer/device-file.ts';
import type { Drawer } from '../drawer/drawer.ts';

/**
 * Where the controlled devices are: in a drawer, or in memory for a test. Errors are
 * `FobtwinError`: `deviceNotFound`, and what a drawer throws.
 */
export interface Holder {
  /** By serial. What cannot be read is left out. */
  list(): Promise<readonly KeptDevice[]>;
  read(serial: Serial): Promise<KeptDevice>;
  /** Changes of one device happen one after the other. When `change` throws, nothing changes. */
  change(serial: Serial, change: (device: Device) => Device): Promise<KeptDevice>;
}

export interface MemoryDevice {
  readonly device: Device;
  /** Default: none. */
  readonly labels?: Labels;
}

export function createMemoryHolder(devices: readonly MemoryDevice[]): Holder {
  const held = new Map(
    devices.map(({ device, labels = {} }): [Serial, KeptDevice] => [
      device.serial,
      { device, labels },
    ]),
  );
  const read = (serial: Serial): KeptDevice => {
    const kept = held.get(serial);
    if (kept === undefined) throw notHere(serial);
    return kept;
  };
  return {
    async list() {
      return [...held.values()].sort(bySerial);
    },
    async read(serial) {
      return read(serial);
    },
    async change(serial, change) {
      const before = read(serial);
      const after = { ...before, device: change(before.device) };
      held.set(serial, after);
      return after;
    },
  };
}

/**
 * @param serials only these; default: every device of the drawer, also those that come later
 */
export function createDrawerHolder(
  drawer: Drawer,
  { serials }: { readonly serials?: readonly Serial[] } = {},
): Holder {
  const chosen = serials === undefined ? undefined : new Set(serials);
  const check = (serial: Serial): void => {
    if (chosen !== undefined && !chosen.has(serial)) throw notHere(serial);
  };
  return {
    async list() {
      if (chosen === undefined) return drawer.list().devices;
      return [...chosen].flatMap((serial) => readable(drawer, serial)).sort(bySerial);
    },
    async read(serial) {
      check(serial);
      return drawer.read(serial);
    },
    async change(serial, change) {
      check(serial);
      return drawer.update(serial, (kept) => ({ ...kept, device: change(kept.device) }));
    },
  };
}

function readable(drawer: Drawer, serial: Serial): KeptDevice[] {
  try {
    return [drawer.read(serial)];
  } catch (error) {
    if (error instanceof FobtwinError) return [];
    throw error;
  }
}

function bySerial(one: KeptDevice, other: KeptDevice): number {
  return one.device.serial < other.device.serial ? -1 : 1;
}

function notHere(serial: Serial): FobtwinError {
  return new FobtwinError('deviceNotFound', `No token ${serial} is held here`, {
    nextStep: 'List the tokens to see which are.',
  });
}
