import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import type { Serial } from '../../shared/types.ts';
import { DEVICE_FILE_BYTES_MAX, type DeviceFile, damaged, type KeptDevice } from './device-file.ts';
import { deviceFileName } from './file-names.ts';
import type { DrawerHeader } from './header.ts';
import { drawerMoved, headerLost, type Keyring, type OpenHeader } from './keyring.ts';
import { type HeldLock, type LockEnv, lockDevice } from './lock.ts';
import {
  type FoundFile,
  formatSealedFile,
  openSealedFile,
  parseDeviceFile,
} from './sealed-file.ts';
import { readBounded, syncDirectory, writeDurably } from './stored-file.ts';

/** One device's file at a time: found, opened, and changed while its lock is held. */
export interface DeviceStore {
  /** @returns `undefined` for one that is not there, or not yet */
  read(serial: Serial): DeviceFile | undefined;
  /** Is it there? Opens nothing. */
  has(serial: Serial): boolean;
  make(kept: KeptDevice, options?: MakeOptions): Promise<void>;
  /** @throws FobtwinError `deviceBusy` while the drawer is being moved */
  change(serial: Serial, next: (found: DeviceFile) => KeptDevice): Promise<KeptDevice>;
  /** Reads while nobody else changes it, and changes nothing itself. */
  hold<T>(serial: Serial, look: (found: DeviceFile | undefined) => T): Promise<T>;
  /** Seals a file of the old plain format. */
  sealPlain(serial: Serial): Promise<void>;
  remove(serial: Serial): Promise<void>;
  /** Removes what was made a moment ago, also where the disk is too full for a lock. */
  takeBack(serial: Serial): Promise<void>;
}

export interface MakeOptions {
  /** The batch that it comes in with. Default: none, it is there at once. */
  readonly batch?: string;
  /** What its revision was elsewhere. Default 0: nowhere. */
  readonly revision?: number;
}

export function createDeviceStore(directory: string, keyring: Keyring, env: LockEnv): DeviceStore {
  const files = createFiles(directory, keyring, env);
  const { find, locked, write } = files;
  const read = (serial: Serial): DeviceFile | undefined => {
    const found = find(serial);
    if (found === undefined) return undefined;
    return openFound(found, files.placeOf(serial), directory, keyring);
  };
  const removeFile = (serial: Serial): void => {
    fs.rmSync(files.placeOf(serial), { force: true });
  };
  return {
    read,
    has(serial) {
      if (!fs.existsSync(files.placeOf(serial))) return false;
      try {
        const found = find(serial);
        return found !== undefined && isThere(found, keyring.peek());
      } catch (error) {
        // Whatever it is, the place is taken.
        if (error instanceof FobtwinError && error.code.startsWith('device')) return true;
        throw error;
      }
    },
    make: (kept, options) =>
      locked(kept.device.serial, (held) => {
        const found = find(kept.device.serial);
        const header = keyring.peek();
        if (found !== undefined && (isThere(found, header) || isArriving(found, header))) {
          throw deviceExists([kept.device.serial]);
        }
        write(held, kept, options);
      }),
    async change(serial, next) {
      const changed = await locked(serial, (held) => {
        // After the lock was held: whoever moves the drawer says so first, and then waits for it.
        refuseWhileLeaving(keyring.peek(), directory);
        const found = read(serial);
        if (found === undefined) throw deviceNotFound(serial, directory);
        const kept = next(found);
        write(held, kept);
        return kept;
      });
      syncDirectory(directory);
      return changed;
    },
    hold: (serial, look) => locked(serial, () => look(read(serial))),
    sealPlain: (serial) =>
      locked(serial, (held) => {
        const found = find(serial);
        if (found !== undefined && 'plain' in found) write(held, found.plain);
      }),
    remove: (serial) =>
      locked(serial, () => {
        refuseWhileLeaving(keyring.peek(), directory);
        removeFile(serial);
      }),
    takeBack: (serial) => locked(serial, () => removeFile(serial)).catch(() => removeFile(serial)),
  };
}

/** Files of devices, and the turns at changing them. */
interface Files {
  placeOf(serial: Serial): string;
  find(serial: Serial): FoundFile | undefined;
  locked<T>(serial: Serial, work: (held: HeldLock) => T): Promise<T>;
  /** The next revision takes the file's place, whole. */
  write(held: HeldLock, kept: KeptDevice, options?: MakeOptions): void;
}

function createFiles(directory: string, keyring: Keyring, env: LockEnv): Files {
  const placeOf = (serial: Serial) => path.join(directory, deviceFileName(serial));
  const find = (serial: Serial) => findFile(placeOf(serial), serial);
  return {
    placeOf,
    find,
    async locked(serial, work) {
      const revision = () => revisionOf(find(serial));
      const held = await lockDevice(directory, serial, revision, env);
      try {
        return work(held);
      } finally {
        // Removed, changed or as it was: what its turn was about is over when the revision moved.
        if (isAt(held.revision, revision)) held.letGo();
        else held.finish();
      }
    },
    write(held, kept, { batch, revision = 0 } = {}) {
      const { header, key } = required(keyring.open(), directory);
      const file = { ...kept, revision: Math.max(held.revision, revision) + 1 };
      const bound = { drawer: header.id, ...(batch === undefined ? {} : { batch }) };
      const sealer = { key: key.forDevices, rng: env.rng };
      writeDurably(held.draft, formatSealedFile(file, bound, sealer));
      if (!held.stillHeld()) throw deviceBusy(held.serial);
      // A last time: whoever moves the drawer may have taken this process for dead.
      refuseWhileLeaving(keyring.peek(), directory);
      fs.renameSync(held.draft, placeOf(held.serial));
    },
  };
}

/** What cannot be read now has not been changed by this turn. */
function isAt(before: number, revision: () => number): boolean {
  try {
    return revision() === before;
  } catch {
    return true;
  }
}

/** @returns `undefined` when there is no such file */
export function findFile(file: string, serial: Serial): FoundFile | undefined {
  const text = readBounded(file, DEVICE_FILE_BYTES_MAX, (code) => damaged(file, '', code));
  if (text === undefined) return undefined;
  const found = parseDeviceFile(text, file);
  const said = 'plain' in found ? found.plain.device.serial : found.envelope.serial;
  if (said !== serial) throw damaged(file, '/serial', 'notAllowed');
  return found;
}

export function revisionOf(found: FoundFile | undefined): number {
  if (found === undefined) return 0;
  return 'plain' in found ? found.plain.revision : found.envelope.revision;
}

/** Is what was found one of this drawer's devices, as far as the header tells? */
function isThere(found: FoundFile, header: DrawerHeader | undefined): boolean {
  if ('plain' in found) return true;
  const { drawer, batch } = found.envelope;
  if (header?.moved?.drawer === drawer) return false;
  if (header?.earlier.some((move) => move.drawer === drawer) === true) return false;
  return batch === undefined || !isArriving(found, header);
}

/** Has it been made with others that are not all there? */
function isArriving(found: FoundFile, header: DrawerHeader | undefined): boolean {
  if ('plain' in found || found.envelope.batch === undefined) return false;
  const { batch } = found.envelope;
  return header?.arriving.some(({ id }) => id === batch) === true;
}

/** @returns `undefined` for a device that is not there yet */
export function openFound(
  found: FoundFile,
  file: string,
  directory: string,
  keyring: Pick<Keyring, 'peek' | 'open'>,
): DeviceFile | undefined {
  if ('plain' in found) {
    // Once all are sealed, a plain file is one that somebody put there.
    if (keyring.peek() === undefined || keyring.open()?.header.plain === true) return found.plain;
    throw damaged(file, '/format', 'notAllowed');
  }
  const { header, key } = required(keyring.open(), directory);
  const { drawer } = found.envelope;
  const earlier = header.earlier.find((move) => move.drawer === drawer);
  if (earlier !== undefined) throw drawerMoved({ ...header, moved: earlier }, directory);
  if (drawer !== header.id) throw damaged(file, '/drawer', 'notAllowed');
  if (!isThere(found, header)) return undefined;
  return openSealedFile(found.envelope, key.forDevices, file);
}

function required(open: OpenHeader | undefined, directory: string): OpenHeader {
  if (open !== undefined) return open;
  throw headerLost(directory);
}

function refuseWhileLeaving(header: DrawerHeader | undefined, directory: string): void {
  if (header?.moved !== undefined) throw drawerMoved(header, directory);
  if (header?.leaving === undefined) return;
  throw new FobtwinError('deviceBusy', `The drawer ${directory} is being moved into a file`, {
    nextStep: 'Wait for it; if it has ended without moving, start `fob drawer export` again.',
  });
}

export function deviceNotFound(serial: Serial, directory: string): FobtwinError {
  return new FobtwinError('deviceNotFound', `No token ${serial} in the drawer ${directory}`, {
    nextStep: 'See `fob list`, make it with `fob make`, or name another drawer with --drawer.',
  });
}

export function deviceExists(serials: readonly Serial[]): FobtwinError {
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
