import fs from 'node:fs';
import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { DEVICE_FILE_BYTES_MAX, damaged } from './device-file.ts';
import { serialOfFileName } from './file-names.ts';
import {
  changeHeader,
  checkMark,
  type DrawerHeader,
  type HeaderChange,
  type MarkedHeader,
  newId,
  readHeader,
} from './header.ts';
import type { LockEnv } from './lock.ts';
import { type Protection, unwrapKey, wrapKey } from './protection.ts';
import { parseDeviceFile } from './sealed-file.ts';
import { type DataKey, dataKeyOf, KEY_BYTES } from './sealing.ts';
import { readBounded } from './stored-file.ts';

/** A header whose data key is at hand and has confirmed it. */
export interface OpenHeader {
  readonly header: DrawerHeader;
  readonly key: DataKey;
}

/** The way to a drawer's data key. The header is read anew each time, the key derived once. */
export interface Keyring {
  /** The header, unconfirmed: nothing is opened. */
  peek(): DrawerHeader | undefined;
  /**
   * @returns `undefined` for a drawer that is not there, or is still plain
   * @throws FobtwinError `drawerMoved`, `wrongDrawerKey`, `drawerKeyUnusable`, `drawerDamaged`
   */
  open(): OpenHeader | undefined;
  /** Opens it, or makes it for the drawer that has none. The directory is there. */
  ensure(): Promise<OpenHeader>;
  /** As `ensure`; a drawer that has moved begins anew. */
  ensureNew(): Promise<OpenHeader>;
  /** @param change sees the header while no other process changes it; `undefined` leaves it so */
  change(change: (open: OpenHeader) => DrawerHeader | undefined): Promise<void>;
  /** Keeps the data key in another way. */
  rewrap(next: NewProtection): Promise<void>;
  /** Gives the data key up for good: `change` says what is left of the header. */
  giveUp(change: (header: DrawerHeader) => DrawerHeader): Promise<void>;
}

/** A passphrase, or where there is none the key file. */
export type NewProtection = Pick<Protection, 'passphrase'>;

export function createKeyring(directory: string, env: LockEnv, protection: Protection): Keyring {
  const openMarked = createOpener(directory, protection);
  const create = (earlier: DrawerHeader['earlier']) =>
    newHeader(directory, earlier, env, protection);
  const open = (): OpenHeader | undefined => {
    const marked = readHeader(directory);
    return marked === undefined ? undefined : openMarked(marked);
  };
  const opened = (): OpenHeader => {
    const found = open();
    if (found !== undefined) return found;
    throw new FobtwinError('drawerUnusable', `The drawer ${directory} was taken away`, {
      nextStep: 'Look whether another process removed it.',
    });
  };
  return {
    peek: () => readHeader(directory)?.header,
    open,
    async ensure() {
      const found = open();
      if (found !== undefined) return found;
      await changeHeader(directory, env, (marked) =>
        marked === undefined ? create([]) : undefined,
      );
      return opened();
    },
    async ensureNew() {
      const header = readHeader(directory)?.header;
      if (header !== undefined && header.moved === undefined) return opened();
      await changeHeader(directory, env, (marked) => {
        if (marked === undefined) return create([]);
        const { moved, earlier } = marked.header;
        if (moved === undefined) return undefined;
        if (moved.draft !== undefined) throw drawerMoved(marked.header, directory);
        return create([...earlier, moved]);
      });
      return opened();
    },
    async change(change) {
      await changeHeader(directory, env, (marked) => {
        if (marked === undefined) return undefined;
        const { header, key } = openMarked(marked);
        const changed = change({ header, key });
        return changed === undefined ? undefined : { header: changed, key };
      });
    },
    async rewrap({ passphrase }) {
      const { passphrase: _old, ...rest } = protection;
      const next = passphrase === undefined ? rest : { ...rest, passphrase };
      await changeHeader(directory, env, (marked) => {
        if (marked === undefined) return undefined;
        const { header, key } = openMarked(marked);
        return { header: { ...header, key: wrapKey(key.bytes, header.id, next, env.rng) }, key };
      });
    },
    async giveUp(change) {
      await changeHeader(directory, env, (marked) => {
        if (marked === undefined) return undefined;
        const { key: _key, ...left } = change(marked.header);
        return { header: left };
      });
    },
  };
}

/** Opens headers; a data key is taken out of its wrapping once. */
function createOpener(
  directory: string,
  protection: Protection,
): (marked: MarkedHeader) => OpenHeader {
  let known: { readonly id: string; readonly key: DataKey } | undefined;
  return (marked) => {
    const { header } = marked;
    if (header.moved !== undefined || header.key === undefined)
      throw drawerMoved(header, directory);
    if (known?.id !== header.id) {
      const named = { drawer: header.id, place: directory };
      known = { id: header.id, key: dataKeyOf(unwrapKey(header.key, named, protection)) };
    }
    checkMark(marked, known.key, directory);
    return { header, key: known.key };
  };
}

/** A drawer's first header, or that of one which begins anew. */
function newHeader(
  directory: string,
  earlier: DrawerHeader['earlier'],
  { rng }: LockEnv,
  protection: Protection,
): HeaderChange {
  const plain = earlier.length === 0 && hasPlainDevices(directory);
  const id = newId(rng);
  const bytes = rng.bytes(KEY_BYTES);
  const key = wrapKey(bytes, id, protection, rng);
  return { header: { id, key, plain, arriving: [], earlier }, key: dataKeyOf(bytes) };
}

/**
 * Are there device files of the old plain format?
 *
 * @throws FobtwinError `drawerDamaged` where there are sealed ones, whose header is lost
 */
function hasPlainDevices(directory: string): boolean {
  const names = fs.readdirSync(directory).filter((name) => serialOfFileName(name) !== undefined);
  for (const name of names) {
    if (isSealed(path.join(directory, name))) throw headerLost(directory);
  }
  return names.length > 0;
}

function isSealed(file: string): boolean {
  try {
    const text = readBounded(file, DEVICE_FILE_BYTES_MAX, (code) => damaged(file, '', code));
    return text !== undefined && 'envelope' in parseDeviceFile(text, file);
  } catch (error) {
    // What cannot be read is reported where it is looked for.
    if (error instanceof FobtwinError) return false;
    throw error;
  }
}

export function headerLost(directory: string): FobtwinError {
  return new FobtwinError('drawerDamaged', `The drawer ${directory} has lost its drawer.json`, {
    nextStep: 'Put a copy of it back: without it nothing in the drawer can be read.',
  });
}

export function drawerMoved({ moved }: DrawerHeader, directory: string): FobtwinError {
  const [when = ''] = moved?.at.split('T') ?? [];
  if (moved?.draft !== undefined) {
    return new FobtwinError('drawerMoved', `The drawer ${directory} is on its way out`, {
      nextStep: `Finish it: fob drawer export ${moved.file}`,
    });
  }
  return new FobtwinError(
    'drawerMoved',
    `The tokens of the drawer ${directory} moved into ${moved?.file ?? 'a file'} on ${when}`,
    { nextStep: 'Press them where that file was imported (`fob drawer import FILE`).' },
  );
}
