import fs from 'node:fs';
import path from 'node:path';
import { type FieldErrorCode, FobtwinError } from '../../shared/errors.ts';
import { HEADER_FILE, HEADER_TURN } from './file-names.ts';
import { type Group, readJson } from './json-group.ts';
import { type LockEnv, lockDevice } from './lock.ts';
import { readWrappedKey, type WrappedKey } from './protection.ts';
import type { DataKey } from './sealing.ts';
import { readBounded, syncDirectory, writeDurably } from './stored-file.ts';

/**
 * What a drawer says of itself, in `drawer.json`: which drawer it is, how its data key is kept, and
 * what is under way. It is replaced whole, so that one rename decides over many devices at once.
 */
export interface DrawerHeader {
  readonly revision: number;
  readonly id: string;
  /** Absent once the drawer has moved: then nothing opens its files any more. */
  readonly key?: WrappedKey;
  /** Files of format 1, which are plain, may still be in it. */
  readonly plain: boolean;
  /** Devices that come in together; those of a batch that is named here are not there yet. */
  readonly arriving: readonly Work[];
  /** Being moved into a file: no device changes meanwhile. */
  readonly leaving?: Leaving;
  readonly moved?: Move;
  /** What has moved out of this directory before; the latest last. */
  readonly earlier: readonly Move[];
}

/** Something that one process does, and that nobody need wait for once it has died. */
export interface Work {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

/** A move that is under way. */
export interface Leaving extends Work {
  /** What it writes, in a name of its own; nothing when it is given up. */
  readonly draft: string;
}

/** A drawer that has moved into a file. */
export interface Move {
  /** Its id while it was here. */
  readonly drawer: string;
  /** RFC 3339. */
  readonly at: string;
  readonly tokens: number;
  readonly file: string;
  /** Where the file is whole until it has its name; absent once it has. */
  readonly draft?: string;
}

const HEADER_FORMAT = 1;
const HEADER_BYTES_MAX = 256 * 1024;
/** Batches that may come in at once. */
export const ARRIVING_MAX = 64;
const EARLIER_MAX = 32;
const PATH_CHARACTERS_MAX = 4096;
const ID = /^[0-9a-f]{32}$/;

/** A header, and the mark that its data key made over it. */
export interface MarkedHeader {
  readonly header: DrawerHeader;
  readonly mark: string | undefined;
}

/** @returns `undefined` in a directory that has none */
export function readHeader(directory: string): MarkedHeader | undefined {
  const file = path.join(directory, HEADER_FILE);
  const fail = (pointer: string, code: FieldErrorCode) => headerDamaged(file, pointer, code);
  const text = readBounded(file, HEADER_BYTES_MAX, (code) => fail('', code));
  if (text === undefined) return undefined;
  const root = readJson(text, fail);
  const format = root.integer('format', 1);
  if (format > HEADER_FORMAT) throw headerNewer(file, format);
  const key = root.optional('key', (name) => readWrappedKey(root.group(name)));
  const leaving = root.optional('leaving', (name) => readLeaving(root.group(name)));
  const moved = root.optional('moved', (name) => readMove(root.group(name)));
  const header: DrawerHeader = {
    revision: root.integer('revision', 1),
    id: root.parsed('id', whenId),
    ...(key === undefined ? {} : { key }),
    plain: root.boolean('plain'),
    arriving: root.groups('arriving', ARRIVING_MAX).map(readWork),
    ...(leaving === undefined ? {} : { leaving }),
    ...(moved === undefined ? {} : { moved }),
    earlier: root.groups('earlier', EARLIER_MAX).map(readMove),
  };
  const mark = root.optional('mark', (name) => root.text(name, 64));
  root.done();
  if (key === undefined && moved === undefined) throw fail('/key', 'required');
  return { header, mark };
}

/** @throws FobtwinError `drawerDamaged` when another than the drawer's own key made the mark */
export function checkMark({ header, mark }: MarkedHeader, key: DataKey, directory: string): void {
  if (mark !== undefined && key.isMark(mark, textOf(header))) return;
  throw headerDamaged(path.join(directory, HEADER_FILE), '/mark', 'notAllowed');
}

/** The member order is fixed here, since the mark is made over the text. */
function textOf(header: DrawerHeader): string {
  const { revision, id, key, plain, arriving, leaving, moved, earlier } = header;
  const contents = { revision, id, key, plain, arriving, leaving, moved, earlier };
  return JSON.stringify({ format: HEADER_FORMAT, ...contents });
}

function formatHeader(header: DrawerHeader, key: DataKey | undefined): string {
  const text = textOf(header);
  const mark = key === undefined ? {} : { mark: key.mark(text) };
  return `${JSON.stringify({ ...(JSON.parse(text) as object), ...mark }, null, 2)}\n`;
}

/** What a header becomes; its data key marks it. The revision is counted here. */
export interface HeaderChange {
  readonly header: Omit<DrawerHeader, 'revision'>;
  /** Absent where the data key is given up. */
  readonly key?: DataKey;
}

/**
 * Replaces the header, one process at a time; durable when it resolves.
 *
 * @param change sees the header as it is then; `undefined` leaves it so
 */
export async function changeHeader(
  directory: string,
  env: LockEnv,
  change: (marked: MarkedHeader | undefined) => HeaderChange | undefined,
): Promise<void> {
  const revision = () => readHeader(directory)?.header.revision ?? 0;
  const held = await lockDevice(directory, HEADER_TURN, revision, env);
  let changed: HeaderChange | undefined;
  try {
    changed = change(readHeader(directory));
    if (changed !== undefined) {
      const header = {
        ...changed.header,
        revision: held.revision + 1,
        earlier: changed.header.earlier.slice(-EARLIER_MAX),
      };
      writeDurably(held.draft, formatHeader(header, changed.key));
      if (!held.stillHeld()) throw headerBusy(directory);
      fs.renameSync(held.draft, path.join(directory, HEADER_FILE));
    }
  } catch (error) {
    held.letGo();
    throw error;
  }
  if (changed === undefined) {
    held.letGo();
    return;
  }
  held.finish();
  syncDirectory(directory);
}

/** Has the process that does this died? Only one of this machine can be asked. */
export function hasStopped({ host, pid }: Work, env: Pick<LockEnv, 'host' | 'isAlive'>): boolean {
  return host === env.host && !env.isAlive(pid);
}

export function newWork({ rng, host, pid }: Pick<LockEnv, 'rng' | 'host' | 'pid'>): Work {
  return { id: newId(rng), host, pid };
}

export function newId(rng: LockEnv['rng']): string {
  return Buffer.from(rng.bytes(16)).toString('hex');
}

function whenId(value: unknown): string | undefined {
  return typeof value === 'string' && ID.test(value) ? value : undefined;
}

function readWork(group: Group): Work {
  const work = workOf(group);
  group.done();
  return work;
}

function readLeaving(group: Group): Leaving {
  const leaving = { ...workOf(group), draft: group.text('draft', PATH_CHARACTERS_MAX) };
  group.done();
  return leaving;
}

function workOf(group: Group): Work {
  return {
    id: group.parsed('id', whenId),
    host: group.text('host', 256),
    pid: group.integer('pid', 0),
  };
}

function readMove(group: Group): Move {
  const draft = group.optional('draft', (name) => group.text(name, PATH_CHARACTERS_MAX));
  const move = {
    drawer: group.parsed('drawer', whenId),
    at: group.text('at', 64),
    tokens: group.integer('tokens', 0),
    file: group.text('file', PATH_CHARACTERS_MAX),
    ...(draft === undefined ? {} : { draft }),
  };
  group.done();
  return move;
}

export function headerDamaged(file: string, pointer: string, code: FieldErrorCode): FobtwinError {
  const place = pointer === '' ? '' : ` at ${pointer}`;
  return new FobtwinError(
    'drawerDamaged',
    `The drawer's file ${file} is damaged${place} (${code})`,
    {
      errors: [{ field: pointer, code }],
      nextStep: 'Put a copy of the file back; the devices beside it are unharmed.',
    },
  );
}

function headerNewer(file: string, format: number): FobtwinError {
  return new FobtwinError(
    'drawerNewer',
    `The drawer's file ${file} has format ${format}; this fob reads ${HEADER_FORMAT}`,
    { nextStep: 'Use the newer fob that wrote it.' },
  );
}

function headerBusy(directory: string): FobtwinError {
  return new FobtwinError('deviceBusy', `Another process took the drawer ${directory} over`, {
    nextStep: 'Try again.',
  });
}
