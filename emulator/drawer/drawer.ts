import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Serial } from '../../shared/types.ts';
import { type DeviceFile, formatDeviceFile, type KeptDevice } from './device-file.ts';
import { deviceFileName, serialOfFileName } from './file-names.ts';
import { type HeldLock, isSystemError, type LockEnv, lockDevice } from './lock.ts';
import { readDevice, syncDirectory, writeDurably } from './stored-file.ts';
import { sweep } from './sweep.ts';

/** Devices made between two looks at the rest of the world. */
const CREATE_BREATH = 64;

export interface Listing {
  /** By serial. */
  readonly devices: readonly KeptDevice[];
  /** One for each device file that could not be read. */
  readonly problems: readonly FobtwinError[];
}

export interface CreateOptions {
  readonly signal?: AbortSignal;
  readonly onMade?: (made: number) => void;
}

/**
 * The devices a person owns: a directory with one file each. A file is replaced whole or not at
 * all, and changed by one process at a time; a reader needs no lock. Files that are not the
 * drawer's own are left alone. Errors are `FobtwinError`: `deviceNotFound`, `deviceExists`,
 * `deviceBusy`, `deviceDamaged`, `deviceNewer`, `drawerUnusable`.
 */
export interface Drawer {
  readonly directory: string;
  /** Every device. Also clears away what killed processes left. */
  list(): Listing;
  has(serial: Serial): boolean;
  read(serial: Serial): KeptDevice;
  create(kept: KeptDevice): Promise<void>;
  /**
   * All or, on any error and when `signal` aborts, none.
   *
   * @param signal default: never aborts
   * @param onMade told now and then how many are made; default: nobody is told
   */
  createAll(kept: readonly KeptDevice[], options?: CreateOptions): Promise<void>;
  /** Reads, changes and writes, while no other process does. `change` is not called twice. */
  update(serial: Serial, change: (kept: KeptDevice) => KeptDevice): Promise<KeptDevice>;
  remove(serial: Serial): Promise<void>;
}

/**
 * A private directory, and those above it that are missing. Not by `recursive: true`, which never
 * ends where a parent is there and takes no directories (/proc).
 */
function makeDirectory(place: string): void {
  try {
    fs.mkdirSync(place, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'EEXIST' && fs.statSync(place).isDirectory()) return;
    const parent = path.dirname(place);
    if (code !== 'ENOENT' || parent === place || fs.existsSync(parent)) throw error;
    makeDirectory(parent);
    fs.mkdirSync(place, { mode: 0o700 });
  }
}

/** The directory need not be there: `create` makes it, 0700. */
export function openDrawer(directory: string, env: LockEnv): Drawer {
  const place = path.resolve(directory);
  const writer = createWriter(place, env);
  const read = (serial: Serial): DeviceFile => {
    const file = readDevice(fileOf(place, serial), serial);
    if (file === undefined) throw deviceNotFound(serial, place);
    return file;
  };
  const has = (serial: Serial) => fs.existsSync(fileOf(place, serial));
  const usable = <T>(work: () => Promise<T>) => whenUsable(place, work);

  const createAll: Drawer['createAll'] = async (all, { signal, onMade } = {}) => {
    const doubles = all.map(({ device }) => device.serial).filter(has);
    if (doubles.length > 0) throw deviceExists(doubles);
    makeDirectory(place);
    const made: Serial[] = [];
    try {
      for (const kept of all) {
        if (signal?.aborted === true) throw interrupted();
        await writer.make(kept);
        made.push(kept.device.serial);
        // Lets signals and timers in, which a long row of file operations would keep out.
        if (made.length % CREATE_BREATH === 0) {
          onMade?.(made.length);
          await env.pause(0);
        }
      }
      syncDirectory(place);
    } catch (error) {
      for (const serial of made) await writer.takeBack(serial);
      throw error;
    }
  };

  return {
    directory: place,
    list: () => listDevices(place, env),
    has,
    read,
    create: (kept) => usable(() => createAll([kept])),
    createAll: (all, options) => usable(() => createAll(all, options)),
    update: (serial, change) =>
      usable(async () => {
        read(serial);
        // Read again: before the lock was held, another process may have changed it.
        return writer.change(serial, () => change(read(serial)));
      }),
    remove: (serial) =>
      usable(async () => {
        read(serial);
        await writer.remove(serial);
      }),
  };
}

function fileOf(directory: string, serial: Serial): string {
  return path.join(directory, deviceFileName(serial));
}

/** What is done to one device while its lock is held. */
interface Writer {
  make(kept: KeptDevice): Promise<void>;
  change(serial: Serial, next: () => KeptDevice): Promise<KeptDevice>;
  remove(serial: Serial): Promise<void>;
  /** Removes what was made a moment ago, also where the disk is too full for a lock. */
  takeBack(serial: Serial): Promise<void>;
}

function createWriter(directory: string, env: LockEnv): Writer {
  const locked = async <T>(serial: Serial, work: (held: HeldLock) => T): Promise<T> => {
    const revision = () => readDevice(fileOf(directory, serial), serial)?.revision ?? 0;
    const held = await lockDevice(directory, serial, revision, env);
    let done: T;
    try {
      done = work(held);
    } catch (error) {
      held.letGo();
      throw error;
    }
    held.finish();
    return done;
  };
  const write = (held: HeldLock, kept: KeptDevice): void => {
    writeDurably(held.draft, formatDeviceFile({ ...kept, revision: held.revision + 1 }));
    if (!held.stillHeld()) throw deviceBusy(held.serial);
    fs.renameSync(held.draft, fileOf(directory, held.serial));
  };
  const removeFile = (serial: Serial): void => {
    fs.rmSync(fileOf(directory, serial), { force: true });
  };
  return {
    make: (kept) =>
      locked(kept.device.serial, (held) => {
        if (held.revision > 0) throw deviceExists([kept.device.serial]);
        write(held, kept);
      }),
    async change(serial, next) {
      const changed = await locked(serial, (held) => {
        const kept = next();
        write(held, kept);
        return kept;
      });
      syncDirectory(directory);
      return changed;
    },
    remove: (serial) => locked(serial, () => removeFile(serial)),
    takeBack: (serial) => locked(serial, () => removeFile(serial)).catch(() => removeFile(serial)),
  };
}

function listDevices(directory: string, env: LockEnv): Listing {
  const devices: KeptDevice[] = [];
  const problems: FobtwinError[] = [];
  const revisions = new Map<Serial, number>();
  const names = readNames(directory);
  for (const name of names) {
    const serial = serialOfFileName(name);
    if (serial === undefined) continue;
    try {
      const file = readDevice(path.join(directory, name), serial);
      if (file === undefined) continue;
      devices.push(file);
      revisions.set(serial, file.revision);
    } catch (error) {
      if (!(error instanceof FobtwinError)) throw error;
      problems.push(error);
    }
  }
  sweep(directory, names, revisions, env);
  // Names of files are nearly in the order of serials: `A.1.fob.json` stands before `A.fob.json`.
  devices.sort((one, other) => (one.device.serial < other.device.serial ? -1 : 1));
  return { devices, problems };
}

function readNames(directory: string): string[] {
  try {
    return fs.readdirSync(directory).sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw drawerUnusable(directory, error);
  }
}

async function whenUsable<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fromSystem = error instanceof Error && 'syscall' in error;
    throw fromSystem ? drawerUnusable(directory, error) : error;
  }
}

function deviceNotFound(serial: Serial, directory: string): FobtwinError {
  return new FobtwinError('deviceNotFound', `No token ${serial} in the drawer ${directory}`, {
    nextStep: 'See `fob list`, make it with `fob make`, or name another drawer with --drawer.',
  });
}

function deviceExists(serials: readonly Serial[]): FobtwinError {
  const named = serials.slice(0, 5).join(', ');
  const more = serials.length > 5 ? ` and ${serials.length - 5} more` : '';
  return new FobtwinError('deviceExists', `The drawer already has ${named}${more}`, {
    nextStep: 'Choose another serial, or another drawer with --drawer.',
  });
}

function deviceBusy(serial: Serial): FobtwinError {
  return new FobtwinError('deviceBusy', `Another process took the token ${serial} over`, {
    nextStep: 'Try again.',
  });
}

function interrupted(): FobtwinError {
  return new FobtwinError('unavailable', 'Interrupted: no token was made', {
    nextStep: 'Start it again when it may run to its end.',
  });
}

function drawerUnusable(directory: string, cause: unknown): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('drawerUnusable', `The drawer ${directory} cannot be used${why}`, {
    cause,
    nextStep: 'Look at its permissions and the space left, or choose another with --drawer.',
  });
}
