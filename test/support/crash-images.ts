import path from 'node:path';
import { descriptorOf, stringsOf, type TracedCall } from './strace.ts';

/**
 * What a disk would hold if the power went at a line of a trace: of each file what a flush that had
 * ended covers, and of what was written since nothing, or a torn piece from its beginning. A file
 * that is written in place, with each write a flush of itself (`O_DSYNC`), has of a write that has
 * not ended any of its sectors, in the place of what was there.
 *
 * Names (create, rename, unlink) are taken to last in the order they were made, as on a journaling
 * file system; data that was not flushed is not.
 */

export interface TracedDirectory {
  readonly calls: readonly TracedCall[];
  /** The directory as it was before the trace began: relative path -> content. All of it lasts. */
  readonly before: ReadonlyMap<string, Buffer>;
  /** Absolute, and without symbolic links. */
  readonly directory: string;
}

/** All that ever was in one file. */
export interface TracedFile {
  /** Its first name, relative to the directory. */
  readonly name: string;
  readonly bytes: Buffer;
  /** How long it was when the trace began: that much lasts. */
  readonly lengthBefore: number;
  /** In order: how long the file is with this write. */
  readonly writes: readonly { readonly length: number; readonly began: number }[];
  /** In order: what had been written when the flush began is on the disk when it has ended. */
  readonly flushes: readonly Flush[];
  /** Of a file that is written in place, in order; it has no other writes and no flushes. */
  readonly placed: readonly PlacedWrite[];
}

export interface PlacedWrite {
  readonly at: number;
  readonly bytes: Buffer;
  readonly began: number;
  /** From then on it is on the disk: half a line behind that at which the call ended. */
  readonly ended: number;
}

export interface Flush {
  readonly length: number;
  readonly began: number;
  readonly ended: number;
}

interface NameChange {
  readonly line: number;
  readonly name: string;
  /** `undefined`: the name is gone. */
  readonly file: TracedFile | undefined;
}

export interface DiskHistory {
  readonly files: readonly TracedFile[];
  /** In order. */
  readonly names: readonly NameChange[];
}

export interface CrashPoint {
  /** What ends at or after this line has not happened, as far as the disk is concerned. */
  readonly line: number;
  /**
   * How much of a file's unflushed tail survives, 0 to 1, and of a write in place each sector where
   * it is above a half. Default 0: none of it.
   */
  readonly torn?: () => number;
}

/** Relative path -> content. */
export type CrashImage = ReadonlyMap<string, Buffer>;

export function crashImage(history: DiskHistory, { line, torn = () => 0 }: CrashPoint): CrashImage {
  const named = new Map<string, TracedFile>();
  for (const change of history.names) {
    if (change.line >= line) break;
    if (change.file === undefined) named.delete(change.name);
    else named.set(change.name, change.file);
  }
  const image = new Map<string, Buffer>();
  for (const [name, file] of named) {
    if (file.placed.length > 0) {
      image.set(name, placedContent(file, line, torn));
      continue;
    }
    const { flushed, written } = reachOf(file, line);
    const kept = flushed + Math.round((written - flushed) * torn());
    image.set(name, file.bytes.subarray(0, kept));
  }
  return image;
}

const SECTOR_BYTES = 512;
/** A call that stands on one line has a moment within it too, at which the power may go. */
const HALF_LINE = 1 / 2;

function placedContent(file: TracedFile, line: number, torn: () => number): Buffer {
  const begun = file.placed.filter(({ began }) => began < line);
  const length = Math.max(file.lengthBefore, ...begun.map(({ at, bytes }) => at + bytes.length));
  const content = Buffer.alloc(length);
  let end = file.bytes.copy(content, 0, 0, file.lengthBefore);
  for (const { at, bytes, ended } of begun) {
    for (let from = 0; from < bytes.length; from += SECTOR_BYTES) {
      if (ended >= line && torn() <= 1 / 2) continue;
      const copied = bytes.copy(content, at + from, from, from + SECTOR_BYTES);
      end = Math.max(end, at + from + copied);
    }
  }
  return content.subarray(0, end);
}

/** How much of a file is on the disk at a line, and how much may be. */
function reachOf(file: TracedFile, line: number): { flushed: number; written: number } {
  let flushed = file.lengthBefore;
  for (const { length, ended } of file.flushes) if (ended < line) flushed = length;
  let written = file.lengthBefore;
  for (const { length, began } of file.writes) if (began < line) written = length;
  return { flushed, written };
}

class OpenFile {
  readonly name: string;
  readonly lengthBefore: number;
  readonly pieces: Buffer[];
  readonly writes: { length: number; began: number }[] = [];
  readonly flushes: Flush[] = [];
  readonly placed: PlacedWrite[] = [];
  length: number;

  constructor(name: string, content: Buffer = Buffer.alloc(0)) {
    this.name = name;
    this.pieces = [content];
    this.length = content.length;
    this.lengthBefore = content.length;
  }

  get bytes(): Buffer {
    if (this.pieces.length > 1) this.pieces.splice(0, Infinity, Buffer.concat(this.pieces));
    return this.pieces[0] ?? Buffer.alloc(0);
  }
}

/**
 * The history of every file in the directory.
 *
 * @throws Error where the trace has a way of writing that this reader does not know: the images
 * would lie
 */
export function readDiskHistory({ calls, before, directory }: TracedDirectory): DiskHistory {
  const reader = new HistoryReader(directory);
  for (const [name, content] of before) reader.begin(name, content);
  for (const call of inOrderOfEffect(calls)) reader.take(call);
  return reader;
}

/**
 * A flush covers what was written when it began, and a descriptor may be another file's as soon as
 * its closing began; every other call is taken to act when it has ended.
 */
function inOrderOfEffect(calls: readonly TracedCall[]): TracedCall[] {
  const moment = ({ name, began, ended }: TracedCall): number =>
    name === 'close' || FLUSHES.has(name) ? began : ended;
  return calls.toSorted((a, b) => moment(a) - moment(b));
}

const FLUSHES: ReadonlySet<string> = new Set(['fsync', 'fdatasync']);
/** Through one of these a file may change. */
const WRITABLE = /O_WRONLY|O_RDWR|creat/;

interface Descriptor {
  file: OpenFile;
  readonly writable: boolean;
  readonly appends: boolean;
  /** Each write is on the disk when it has ended. */
  readonly flushes: boolean;
  /** Where the next write goes, unless it appends. */
  position: number;
}

class HistoryReader implements DiskHistory {
  readonly files: OpenFile[] = [];
  readonly names: NameChange[] = [];
  readonly #directory: string;
  readonly #named = new Map<string, OpenFile>();
  readonly #descriptors = new Map<number, Descriptor>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A file that is there before the trace begins. */
  begin(name: string, content: Buffer): void {
    this.#bind(name, this.#create(name, content), Number.NEGATIVE_INFINITY);
  }

  take(call: TracedCall): void {
    const { name } = call;
    if (FLUSHES.has(name)) this.#flush(call);
    else if (name === 'close') this.#descriptors.delete(descriptorOf(call.args));
    else if (name === 'write' || name === 'writev') this.#write(call);
    else if (name === 'pwrite64') this.#writeInPlace(call);
    else if (call.result < 0) return;
    else if (name === 'open' || name === 'openat' || name === 'creat') this.#open(call);
    else if (name.startsWith('rename')) this.#rename(call);
    else if (name.startsWith('unlink')) this.#unlink(call);
    else if (name === 'ftruncate' && /, 0$/.test(call.args)) this.#empty(call);
    else this.#refuseUnknown(call);
  }

  #create(name: string, content?: Buffer): OpenFile {
    const file = new OpenFile(name, content);
    this.files.push(file);
    return file;
  }

  #bind(name: string, file: OpenFile | undefined, line: number): void {
    if (file === undefined) this.#named.delete(name);
    else this.#named.set(name, file);
    this.names.push({ line, name, file });
  }

  /** `undefined` for what lies elsewhere. */
  #within(name: Buffer | undefined): string | undefined {
    const text = name?.toString() ?? '';
    if (!path.isAbsolute(text)) return undefined;
    const relative = path.relative(this.#directory, text);
    return relative === '' || relative.startsWith('..') ? undefined : relative;
  }

  #flush({ args, result, began, ended }: TracedCall): void {
    const open = this.#descriptors.get(descriptorOf(args));
    if (open !== undefined && result >= 0) {
      open.file.flushes.push({ length: open.file.length, began, ended });
    }
  }

  /** A call inside which the process was killed wrote some of it or nothing. */
  #write({ args, result, began, ended }: TracedCall): void {
    const open = this.#descriptors.get(descriptorOf(args));
    if (open === undefined || (result < 0 && ended !== Number.POSITIVE_INFINITY)) return;
    const { file } = open;
    const isPlaced = open.flushes || file.placed.length > 0;
    if (isPlaced || (!open.appends && open.position !== file.length)) {
      throw new Error(`${file.name} is written over: teach test/support/crash-images.ts`);
    }
    const all = Buffer.concat(stringsOf(args));
    const bytes = result < 0 ? all : all.subarray(0, result);
    file.pieces.push(bytes);
    file.length += bytes.length;
    open.position = file.length;
    file.writes.push({ length: file.length, began });
  }

  #writeInPlace({ args, result, began, ended }: TracedCall): void {
    const open = this.#descriptors.get(descriptorOf(args));
    if (open === undefined || (result < 0 && ended !== Number.POSITIVE_INFINITY)) return;
    const { file, flushes } = open;
    if (!flushes || file.writes.length > 0) {
      throw new Error(`pwrite64 on ${file.name}: teach test/support/crash-images.ts`);
    }
    const all = Buffer.concat(stringsOf(args));
    const bytes = result < 0 ? all : all.subarray(0, result);
    const at = Number(/\d+$/.exec(args)?.[0]);
    file.placed.push({ at, bytes, began, ended: ended + HALF_LINE });
  }

  /** As if it were another file from then on, under the same name. */
  #empty({ args, ended }: TracedCall): void {
    const old = this.#descriptors.get(descriptorOf(args))?.file;
    if (old === undefined) return;
    const file = this.#create(old.name);
    for (const open of this.#descriptors.values()) if (open.file === old) open.file = file;
    for (const [name, named] of this.#named) if (named === old) this.#bind(name, file, ended);
  }

  #open({ name: call, args, result, ended }: TracedCall): void {
    const name = this.#within(stringsOf(args)[0]);
    const creates = call === 'creat' || args.includes('O_CREAT');
    if (name === undefined || args.includes('O_DIRECTORY')) return;
    let file = this.#named.get(name);
    if (file === undefined && !creates) return;
    if (file === undefined || call === 'creat' || args.includes('O_TRUNC')) {
      file = this.#create(name);
      this.#bind(name, file, ended);
    }
    this.#descriptors.set(result, {
      file,
      writable: WRITABLE.test(`${call} ${args}`),
      appends: args.includes('O_APPEND'),
      flushes: /O_D?SYNC/.test(args),
      position: 0,
    });
  }

  #rename({ args, ended }: TracedCall): void {
    const [from, to] = stringsOf(args).map((name) => this.#within(name));
    const file = from === undefined ? undefined : this.#named.get(from);
    if (from === undefined || to === undefined || file === undefined) return;
    this.#bind(from, undefined, ended);
    this.#bind(to, file, ended);
  }

  #unlink({ args, ended }: TracedCall): void {
    const name = this.#within(stringsOf(args)[0]);
    if (name !== undefined && this.#named.has(name)) this.#bind(name, undefined, ended);
  }

  /** Any other call, where it could change a file or have it known by another number or name. */
  #refuseUnknown({ name, args }: TracedCall): void {
    if (name === 'fcntl' && !args.includes('F_DUPFD')) return;
    if (name === 'mmap' && !/PROT_WRITE.*MAP_SHARED/.test(args)) return;
    const numbers = args.replaceAll(/"[^"]*"/g, '').match(/\d+/g) ?? [];
    const written = numbers
      .map((digits) => this.#descriptors.get(Number(digits)))
      .find((open) => open?.writable);
    const named = stringsOf(args).find((text) => this.#within(text) !== undefined);
    const what = written?.file.name ?? named?.toString();
    if (what === undefined || name === 'sendto' || name === 'sendmsg') return;
    throw new Error(`${name} on ${what}: teach test/support/crash-images.ts`);
  }
}
