import { crc32 } from 'node:zlib';
import type { Operation } from './backend.ts';

/**
 * One write of the journal as bytes, numbers with the lowest byte first:
 *
 *     0  magic                        4
 *     4  CRC-32 of all that follows   4
 *     8  bytes from here to the end   4
 *    12  sequence                     6, and two of zero
 *    20  CRC-32 of the write before   4
 *    24  operations                   4
 *    28  each of them: bytes of its key and of its value, 4 and 4; the key and the value in UTF-8
 *
 * A record begins at a multiple of `BLOCK_BYTES`, and zeroes fill its last block: no write touches
 * a block of another record. What lies inside of one is never taken for a record of its own: no
 * text and no length holds the magic.
 */

/** What a file system writes at once, or a multiple of it: a torn write harms whole blocks. */
export const BLOCK_BYTES = 4096;

/** FF, "J", FE, "L": UTF-8 has neither FF nor FE, and a length has no fourth byte. */
const MAGIC = 0x4cfe4aff;
const CHECKSUM_AT = 4;
const LENGTH_AT = 8;
const SEQUENCE_AT = 12;
const SEQUENCE_BYTES = 6;
const PREVIOUS_AT = 20;
const COUNT_AT = 24;
const OPERATIONS_AT = 28;
/** Before the key. */
const LENGTHS_BYTES = 8;
/** In the place of a value's length: the key is removed. */
const REMOVED = 0xffffffff;
/** UTF-8 has no more for one character of a text. */
const CHARACTER_BYTES_MAX = 3;

const blocksFor = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

/** Whether these operations, as one record, have so many bytes at most. */
export function fitsIn(bytes: number, operations: readonly Operation[]): boolean {
  const heads = OPERATIONS_AT + LENGTHS_BYTES * operations.length;
  let characters = 0;
  for (const { key, value = '' } of operations) characters += key.length + value.length;
  // To count the bytes costs as much as to write them.
  if (blocksFor(heads + CHARACTER_BYTES_MAX * characters) <= bytes) return true;
  let length = heads;
  for (const { key, value = '' } of operations) {
    length += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return blocksFor(length) <= bytes;
}

/**
 * Puts a record into `bytes` at `at`, where it must fit.
 *
 * @param places gets the place of each operation in `bytes`, for `valueAt`
 * @returns where it ends, with its last block
 */
export function writeRecord(
  bytes: Buffer,
  at: number,
  { sequence, previous, operations }: JournalRecord,
  places: number[],
): number {
  bytes.writeUInt32LE(MAGIC, at);
  bytes.writeUIntLE(sequence, at + SEQUENCE_AT, SEQUENCE_BYTES);
  bytes.writeUInt16LE(0, at + SEQUENCE_AT + SEQUENCE_BYTES);
  bytes.writeUInt32LE(previous, at + PREVIOUS_AT);
  bytes.writeUInt32LE(operations.length, at + COUNT_AT);
  let end = at + OPERATIONS_AT;
  for (const { key, value } of operations) {
    places.push(end);
    end = writeOperation(bytes, end, key, value);
  }
  bytes.writeUInt32LE(end - at - LENGTH_AT, at + LENGTH_AT);
  bytes.writeUInt32LE(crc32(bytes.subarray(at + LENGTH_AT, end)), at + CHECKSUM_AT);
  const whole = at + blocksFor(end - at);
  bytes.fill(0, end, whole);
  return whole;
}

/** Key and value with one call, which costs more than what it writes. */
function writeOperation(bytes: Buffer, at: number, key: string, value: string | undefined): number {
  const textAt = at + LENGTHS_BYTES;
  const text = value === undefined ? key : key + value;
  const written = bytes.write(text, textAt);
  const keyBytes = written === text.length ? key.length : Buffer.byteLength(key);
  bytes.writeUInt32LE(keyBytes, at);
  bytes.writeUInt32LE(value === undefined ? REMOVED : written - keyBytes, at + 4);
  return textAt + written;
}

/** The value of the operation at `place`; `undefined` where it removes its key. */
export function valueAt(bytes: Buffer, place: number): string | undefined {
  const length = bytes.readUInt32LE(place + 4);
  if (length === REMOVED) return undefined;
  const from = place + LENGTHS_BYTES + bytes.readUInt32LE(place);
  return bytes.toString('utf8', from, from + length);
}

export interface JournalRecord {
  readonly sequence: number;
  /**
   * The checksum of the write before, wherever that lies: so a journal that belongs to another
   * store, or to another copy of this one that went its own way, does not follow on.
   */
  readonly previous: number;
  readonly operations: readonly Operation[];
}

/** One that was found whole. */
export interface FoundRecord extends JournalRecord {
  readonly checksum: number;
}

/** Of the record that `writeRecord` put at `at`. */
export const checksumAt = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at + CHECKSUM_AT);

/** Every whole record later than `after`, in the order in which they lie in a journal's file. */
export function* recordsIn(file: Buffer, after: number): Generator<FoundRecord> {
  for (let at = 0; at + OPERATIONS_AT <= file.length; at += BLOCK_BYTES) {
    if (file.readUInt32LE(at) !== MAGIC) continue;
    const sequence = file.readUIntLE(at + SEQUENCE_AT, SEQUENCE_BYTES);
    const end = at + LENGTH_AT + file.readUInt32LE(at + LENGTH_AT);
    if (sequence <= after || end > file.length || end < at + OPERATIONS_AT) continue;
    const checksum = checksumAt(file, at);
    if (crc32(file.subarray(at + LENGTH_AT, end)) !== checksum) continue;
    const previous = file.readUInt32LE(at + PREVIOUS_AT);
    yield { sequence, previous, checksum, operations: operationsIn(file.subarray(at, end)) };
  }
}

function operationsIn(record: Buffer): Operation[] {
  let at = OPERATIONS_AT;
  return Array.from({ length: record.readUInt32LE(COUNT_AT) }, () => {
    const place = at;
    const keyAt = place + LENGTHS_BYTES;
    const keyEnd = keyAt + record.readUInt32LE(place);
    const length = record.readUInt32LE(place + 4);
    at = length === REMOVED ? keyEnd : keyEnd + length;
    return { key: record.toString('utf8', keyAt, keyEnd), value: valueAt(record, place) };
  });
}
