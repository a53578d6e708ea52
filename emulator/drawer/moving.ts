import fs from 'node:fs';
import { FobtwinError } from '../../shared/errors.ts';
import type { DeviceFile } from './device-file.ts';
import { drawerOver } from './drawer.ts';
import type { DrawerParts } from './drawer-parts.ts';
import type { FileToBe } from './file-to-be.ts';
import { type DrawerHeader, hasStopped, type Move, newWork } from './header.ts';
import { drawerMoved } from './keyring.ts';
import { isSystemError } from './lock.ts';
import {
  formatMovedFile,
  MOVED_FILE_BYTES_MAX,
  movedFileDamaged,
  parseMovedFile,
} from './moved-file.ts';
import { deviceFiles, sealPlainFiles, settle } from './settle.ts';
import { readBounded } from './stored-file.ts';

export interface MoveOutOptions {
  readonly passphrase: string;
  /** RFC 3339, for the sentence that the old drawer says from then on. */
  readonly at: string;
  readonly signal?: AbortSignal;
  /** The N of scrypt. Default: `STRETCH_COST`. */
  readonly cost?: number;
}

/** Devices read between two looks at the rest of the world. */
const BREATH = 64;

/**
 * Moves a drawer into one file, so that each device is pressed in one place only. In order, each
 * step durable: the header says that the drawer is leaving, and no device changes any more; the
 * file is whole under its draft's name; the header says that the drawer *has moved*, which
 * decides; the file gets its name; the data key is given up. Killed before the decision, nothing
 * has moved; after it, `finishMove` goes on.
 *
 * @returns how many tokens moved
 */
export async function moveOut(
  parts: DrawerParts,
  target: FileToBe,
  { passphrase, at, signal, cost }: MoveOutOptions,
): Promise<number> {
  const { keyring, env } = parts;
  refuseEmpty(parts);
  await settle(parts);
  await keyring.ensure();
  await sealPlainFiles(parts);
  const work = { ...newWork(env), draft: target.draft };
  await keyring.change(({ header }) => beginLeaving(header, work, parts));
  let tokens: number;
  try {
    const files = await readAllHeld(parts, signal);
    tokens = files.length;
    target.write(
      formatMovedFile(files, passphrase, { rng: env.rng, ...(cost === undefined ? {} : { cost }) }),
    );
    const { draft, file } = target;
    await keyring.change(({ header }) => {
      if (header.leaving?.id !== work.id) throw givenUp();
      const { leaving: _leaving, ...rest } = header;
      return { ...rest, moved: { drawer: header.id, at, tokens, file, draft } };
    });
  } catch (error) {
    target.discard();
    await keyring.change(({ header }) => stayAfterAll(header, work.id)).catch(() => {});
    throw error;
  }
  await finishMove(parts, target);
  return tokens;
}

/** The move that is decided and has not ended, if there is one. */
export function unfinishedMove({ keyring }: DrawerParts): Required<Move> | undefined {
  const moved = keyring.peek()?.moved;
  return moved?.draft === undefined ? undefined : { ...moved, draft: moved.draft };
}

/** Gives the file its name, and the data key of the old drawer up. */
export async function finishMove({ keyring }: DrawerParts, target: FileToBe): Promise<void> {
  // Killed between naming the file and saying so: it has its name already.
  if (fs.existsSync(target.draft)) target.place();
  else if (!fs.existsSync(target.file)) throw nothingToFinish(target);
  await keyring.giveUp((header) => {
    if (header.moved === undefined) return header;
    const { draft: _draft, ...moved } = header.moved;
    return { ...header, moved: { ...moved, file: target.file } };
  });
}

export interface MoveInOptions {
  readonly passphrase: string;
  readonly signal?: AbortSignal;
}

/** All devices of an exported drawer, or none; each keeps count of its revisions. */
export async function moveIn(
  parts: DrawerParts,
  file: string,
  { passphrase, ...options }: MoveInOptions,
): Promise<readonly DeviceFile[]> {
  const text = readBounded(file, MOVED_FILE_BYTES_MAX, (code) => movedFileDamaged(file, '', code));
  if (text === undefined) {
    throw new FobtwinError('fileUnreadable', `There is no file ${file}`, {
      nextStep: 'Name the file that `fob drawer export` wrote.',
    });
  }
  const files = parseMovedFile(text, passphrase, file);
  const revisions = new Map(files.map(({ device, revision }) => [device.serial, revision]));
  await drawerOver(parts).createAll(files, {
    ...options,
    revisionOf: (serial) => revisions.get(serial) ?? 0,
  });
  return files;
}

function beginLeaving(
  header: DrawerHeader,
  work: NonNullable<DrawerHeader['leaving']>,
  { env, directory }: DrawerParts,
): DrawerHeader {
  const { leaving, arriving } = header;
  // Of another machine nobody can ask; whoever starts a move takes over, and that one then fails.
  const isTaken = leaving !== undefined && leaving.host === env.host && !hasStopped(leaving, env);
  if (!isTaken && arriving.length === 0) return { ...header, leaving: work };
  throw new FobtwinError('deviceBusy', `The drawer ${directory} is being changed as a whole`, {
    nextStep: 'Wait until what makes, imports or exports tokens has ended.',
  });
}

function stayAfterAll(header: DrawerHeader, id: string): DrawerHeader | undefined {
  if (header.leaving?.id !== id) return undefined;
  const { leaving: _leaving, ...rest } = header;
  return rest;
}

/** Each device while nobody changes it: who had its lock before is done. */
async function readAllHeld(
  { directory, store, env }: DrawerParts,
  signal: AbortSignal | undefined,
): Promise<DeviceFile[]> {
  const files: DeviceFile[] = [];
  const fail = (problem: FobtwinError) => {
    throw problem;
  };
  for (const { serial } of deviceFiles(directory, fail)) {
    if (signal?.aborted === true) throw interrupted();
    if (!store.has(serial)) continue;
    const file = await store.hold(serial, (found) => found);
    if (file !== undefined) files.push(file);
    if (files.length % BREATH === 0) await env.pause(0);
  }
  if (files.length === 0) throw empty(directory);
  return files;
}

function refuseEmpty({ directory, keyring }: DrawerParts): void {
  const header = keyring.peek();
  if (header?.moved !== undefined) throw drawerMoved(header, directory);
  if (!fs.existsSync(directory)) throw empty(directory);
}

function empty(directory: string): FobtwinError {
  return new FobtwinError('notAllowedNow', `The drawer ${directory} is empty: nothing to move`, {
    nextStep: 'Name another drawer with --drawer.',
  });
}

function interrupted(): FobtwinError {
  return new FobtwinError('unavailable', 'Interrupted: nothing has moved', {
    nextStep: 'Start it again when it may run to its end.',
  });
}

function givenUp(): FobtwinError {
  return new FobtwinError('unavailable', 'Another process took the move over: nothing has moved', {
    nextStep: 'Look what else moves this drawer, and try again.',
  });
}

function nothingToFinish({ draft, file }: FileToBe): FobtwinError {
  return new FobtwinError(
    'drawerMoved',
    `The drawer has moved into ${file}, but neither that nor ${draft} is there`,
    { nextStep: 'Put the file back from where it was carried to, or import it there.' },
  );
}

/** Removes an exported drawer's file once it has been imported; false where it cannot be. */
export function retireFile(file: string): boolean {
  try {
    fs.rmSync(file, { force: true });
    return true;
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'EBUSY')) return false;
    throw error;
  }
}
