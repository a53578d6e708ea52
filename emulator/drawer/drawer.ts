import { FobtwinError } from '../../shared/errors.ts';
import type { Serial } from '../../shared/types.ts';
import type { KeptDevice } from './device-file.ts';
import { deviceExists, deviceNotFound, openFound, revisionOf } from './device-store.ts';
import { makeDirectory } from './directory.ts';
import { type DrawerParts, openParts, type ProtectionOptions } from './drawer-parts.ts';
import { HEADER_TURN } from './file-names.ts';
import { ARRIVING_MAX, type DrawerHeader, type Move, newWork, type Work } from './header.ts';
import { drawerMoved, type Keyring, type NewProtection, type OpenHeader } from './keyring.ts';
import type { LockEnv } from './lock.ts';
import { deviceFiles, readNames, sealPlainFiles, settle } from './settle.ts';
import { syncDirectory } from './stored-file.ts';
import { sweep } from './sweep.ts';

/** Devices made between two looks at the rest of the world. */
const CREATE_BREATH = 64;

export interface Listing {
  /** By serial. */
  readonly devices: readonly KeptDevice[];
  /** One for each device file that could not be read. */
  readonly problems: readonly FobtwinError[];
  /** The whole drawer has moved into a file: it is empty for good, or until it begins anew. */
  readonly moved?: Move;
}

export interface CreateOptions {
  readonly signal?: AbortSignal;
  readonly onMade?: (made: number) => void;
  /** How often each had been written where it comes from. Default: never. */
  readonly revisionOf?: (serial: Serial) => number;
}

/**
 * The devices a person owns: a directory with one sealed file each. A file is replaced whole or
 * not at all, and changed by one process at a time; a reader needs no lock. Files that are not the
 * drawer's own are left alone. Errors are `FobtwinError`: `deviceNotFound`, `deviceExists`,
 * `deviceBusy`, `deviceDamaged`, `deviceNewer`; of the whole drawer `drawerUnusable`,
 * `drawerDamaged`, `drawerNewer`, `drawerMoved`, `drawerKeyUnusable`, `wrongDrawerKey`.
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
  /** From now on this opens it: a passphrase, or without one a key file, made where missing. */
  protect(next: NewProtection): Promise<void>;
}

/** The directory need not be there: `create` makes it, 0700, and where needed its key file. */
export function openDrawer(
  directory: string,
  env: LockEnv,
  protection?: ProtectionOptions,
): Drawer {
  return drawerOver(openParts(directory, env, protection));
}

export function drawerOver(parts: DrawerParts): Drawer {
  const { directory, keyring, store } = parts;
  const usable = <T>(work: () => Promise<T>) => whenUsable(directory, work);
  const read = (serial: Serial): KeptDevice => {
    const header = keyring.peek();
    if (header?.moved !== undefined) throw drawerMoved(header, directory);
    const found = store.read(serial);
    if (found === undefined) throw deviceNotFound(serial, directory);
    return found;
  };
  return {
    directory,
    list: () => listDevices(parts),
    has: store.has,
    read,
    create: (kept) => usable(() => createAll(parts, [kept])),
    createAll: (all, options) => usable(() => createAll(parts, all, options)),
    update: (serial, change) =>
      usable(async () => {
        read(serial);
        await settle(parts);
        await keyring.ensure();
        // Read again: before the lock was held, another process may have changed it.
        const changed = await store.change(serial, change);
        await sealPlainFiles(parts);
        return changed;
      }),
    remove: (serial) =>
      usable(async () => {
        read(serial);
        await settle(parts);
        await store.remove(serial);
      }),
    protect: (next) =>
      usable(async () => {
        makeDirectory(directory);
        await settle(parts);
        await keyring.ensure();
        await keyring.rewrap(next);
        await sealPlainFiles(parts);
      }),
  };
}

async function createAll(
  parts: DrawerParts,
  all: readonly KeptDevice[],
  { signal, onMade, revisionOf = () => 0 }: CreateOptions = {},
): Promise<void> {
  const { directory, keyring, store, env } = parts;
  checkAllNew(all, store.has);
  makeDirectory(directory);
  await keyring.ensureNew();
  await settle(parts);
  // One file is whole or not at all by itself.
  const batch = all.length > 1 ? await beginBatch(parts) : undefined;
  const made: Serial[] = [];
  try {
    for (const kept of all) {
      if (signal?.aborted === true) throw interrupted();
      const revision = revisionOf(kept.device.serial);
      await store.make(kept, { revision, ...(batch === undefined ? {} : { batch: batch.id }) });
      made.push(kept.device.serial);
      // Lets signals and timers in, which a long row of file operations would keep out.
      if (made.length % CREATE_BREATH === 0) {
        onMade?.(made.length);
        await env.pause(0);
      }
    }
    syncDirectory(directory);
    if (batch !== undefined) await endBatch(parts, batch, { mustBeThere: true });
  } catch (error) {
    for (const serial of made) await store.takeBack(serial);
    // Where even this fails, the next writer does it.
    if (batch !== undefined) await endBatch(parts, batch).catch(() => {});
    throw error;
  }
  await sealPlainFiles(parts);
}

function checkAllNew(all: readonly KeptDevice[], has: (serial: Serial) => boolean): void {
  const seen = new Set<Serial>();
  const doubles = all
    .map(({ device }) => device.serial)
    .filter((serial) => seen.has(serial) || !seen.add(serial) || has(serial));
  if (doubles.length > 0) throw deviceExists(doubles);
}

/** Says in the header that devices come in which are not there until all are. */
async function beginBatch({ keyring, env, directory }: DrawerParts): Promise<Work> {
  const work = newWork(env);
  await keyring.change(({ header }) => {
    if (header.arriving.length >= ARRIVING_MAX) throw drawerBusy(directory);
    return { ...header, arriving: [...header.arriving, work] };
  });
  return work;
}

/** The one rename that makes a whole batch be there; or, where nothing was made, forgets it. */
async function endBatch(
  { keyring }: DrawerParts,
  { id }: Work,
  { mustBeThere = false }: { readonly mustBeThere?: boolean } = {},
): Promise<void> {
  await keyring.change(({ header }) => {
    const arriving = header.arriving.filter((work) => work.id !== id);
    if (arriving.length < header.arriving.length) return { ...header, arriving };
    if (mustBeThere) throw interrupted();
    return undefined;
  });
}

function listDevices(parts: DrawerParts): Listing {
  const { directory, keyring, env } = parts;
  try {
    const names = readNames(directory);
    const header = keyring.peek();
    if (header?.moved !== undefined) return { devices: [], problems: [], moved: header.moved };
    const listing = readAll(parts);
    const revisions = new Map(listing.revisions);
    if (header !== undefined) revisions.set(HEADER_TURN, header.revision);
    sweep(directory, names, revisions, env);
    return { devices: listing.devices, problems: listing.problems };
  } catch (error) {
    throw error instanceof FobtwinError ? error : drawerUnusable(directory, error);
  }
}

function readAll({ directory, keyring }: DrawerParts) {
  const devices: KeptDevice[] = [];
  const problems: FobtwinError[] = [];
  const revisions = new Map<Serial, number>();
  const atOnce = readOnce(keyring);
  for (const { serial, file, found } of deviceFiles(directory, (each) => problems.push(each))) {
    revisions.set(serial, revisionOf(found));
    try {
      // A batch may have become whole since the header was read.
      const isOfBatch = 'envelope' in found && found.envelope.batch !== undefined;
      const opened = openFound(found, file, directory, isOfBatch ? keyring : atOnce);
      if (opened !== undefined) devices.push(opened);
    } catch (error) {
      if (!(error instanceof FobtwinError) || isOfWholeDrawer(error)) throw error;
      if (error.code !== 'drawerMoved') problems.push(error);
    }
  }
  // Names of files are nearly in the order of serials: `A.1.fob.json` stands before `A.fob.json`.
  devices.sort((one, other) => (one.device.serial < other.device.serial ? -1 : 1));
  return { devices, problems, revisions };
}

/** A key that is missing or wrong is one error, not one for each device. */
function isOfWholeDrawer({ code }: FobtwinError): boolean {
  return code === 'wrongDrawerKey' || code === 'drawerKeyUnusable' || code === 'drawerDamaged';
}

/** The header as it is at the first look: for reading many devices. */
function readOnce(keyring: Keyring): Pick<Keyring, 'peek' | 'open'> {
  let opened: { readonly open: OpenHeader | undefined } | undefined;
  let peeked: { readonly header: DrawerHeader | undefined } | undefined;
  return {
    peek() {
      peeked ??= { header: keyring.peek() };
      return peeked.header;
    },
    open() {
      opened ??= { open: keyring.open() };
      return opened.open;
    },
  };
}

async function whenUsable<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fromSystem = error instanceof Error && 'syscall' in error;
    throw fromSystem ? drawerUnusable(directory, error) : error;
  }
}

function interrupted(): FobtwinError {
  return new FobtwinError('unavailable', 'Interrupted: no token was made', {
    nextStep: 'Start it again when it may run to its end.',
  });
}

function drawerBusy(directory: string): FobtwinError {
  return new FobtwinError('deviceBusy', `Too many processes make tokens in ${directory} at once`, {
    nextStep: 'Try again.',
  });
}

function drawerUnusable(directory: string, cause: unknown): FobtwinError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new FobtwinError('drawerUnusable', `The drawer ${directory} cannot be used${why}`, {
    cause,
    nextStep: 'Look at its permissions and the space left, or choose another with --drawer.',
  });
}
