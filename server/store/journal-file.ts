import { constants, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PRIVATE_FILE } from './private-modes.ts';

/**
 * One of the journal's two files: written from its beginning to its end, and then again from the
 * beginning, in place, which takes half the time of making a file longer.
 *
 * Nothing prepares the blocks: the first records make them. Linux keeps a file in memory in pieces
 * as large as what was first written or read there, and some file systems put a whole piece on the
 * disk for every byte of it. So pieces as large as records are wanted, and a file is emptied after
 * it was read.
 */

/**
 * On Linux a write is on the disk when it returns. macOS has the flag too, and leaves the data in
 * the drive's memory; Windows has none: there every write is followed by a flush.
 */
const SYNCHRONOUS = process.platform === 'linux' ? constants.O_DSYNC : 0;

export class JournalFile {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(place: string, { create }: { readonly create: boolean }): Promise<JournalFile> {
    const flags = constants.O_RDWR | SYNCHRONOUS | (create ? constants.O_CREAT : 0);
    return new JournalFile(await open(place, flags, PRIVATE_FILE));
  }

  /** All that it holds, of however long ago; what lies beyond `bytesMax` is not read. */
  async read(bytesMax: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min((await this.#handle.stat()).size, bytesMax));
    let length = 0;
    for (let read = -1; read !== 0; length += read) {
      read = (await this.#handle.read(bytes, length, bytes.length - length, length)).bytesRead;
    }
    return bytes.subarray(0, length);
  }

  /** On the disk when it resolves. */
  async write(bytes: Buffer, at: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      written += await writeSome(this.#handle.fd, bytes.subarray(written), at + written);
    }
    if (SYNCHRONOUS === 0) await this.#handle.datasync();
  }

  /** What it holds is not wanted any more; until a flush a crash may bring it back. */
  empty(): Promise<void> {
    return this.#handle.truncate(0);
  }

  flush(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** By the descriptor: a `FileHandle` costs several times as much a write. */
const writeSome = (descriptor: number, bytes: Buffer, at: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, at, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
