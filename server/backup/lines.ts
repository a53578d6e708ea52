import { createReadStream } from 'node:fs';
import { damagedBackup, LINE_BYTES_MAX } from './backup-file.ts';

const NEW_LINE = 0x0a;

/**
 * A file's lines with their line ends, as bytes; the last one also where it has no line end.
 *
 * @throws FobtwinError `backupDamaged` for a line that is too long to be one of ours
 */
export async function* linesOf(file: string): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of createReadStream(file)) {
    let rest: Buffer = piece as Buffer;
    for (let end = rest.indexOf(NEW_LINE); end >= 0; end = rest.indexOf(NEW_LINE)) {
      parts.push(rest.subarray(0, end + 1));
      yield joined(parts);
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    length += rest.length;
    if (length > LINE_BYTES_MAX) throw damagedBackup('a line of it is too long');
    if (rest.length > 0) parts.push(rest);
  }
  if (parts.length > 0) yield joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
