/**
 * Reads LevelDB's write-ahead log (doc/log_format.md): blocks of 32 KiB, in them fragments with a
 * header of seven bytes, of which records are made; a record is one atomic batch.
 */

export interface LoggedBatch {
  /** Bytes of the file from its beginning to the batch's end: a flush must reach so far. */
  readonly end: number;
  readonly rows: readonly LoggedRow[];
}

/** `value` undefined removes the key. */
export interface LoggedRow {
  readonly key: string;
  readonly value: string | undefined;
}

const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
/** After the header's checksum of four bytes. */
const LENGTH_AT = 4;
const TYPE_AT = 6;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

/** Every whole batch; a last one that was cut off is left out. */
export function readLevelLog(file: Buffer): LoggedBatch[] {
  const batches: LoggedBatch[] = [];
  let fragments: Buffer[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= file.length) {
    const leftInBlock = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (leftInBlock < HEADER_BYTES) {
      at += leftInBlock;
      continue;
    }
    const type = file.readUInt8(at + TYPE_AT);
    const from = at + HEADER_BYTES;
    const end = from + file.readUInt16LE(at + LENGTH_AT);
    if (type < FULL || type > LAST) throw new Error(`no fragment of a log at byte ${at}`);
    if (end > file.length) break;
    if (type === FULL || type === FIRST) fragments = [];
    fragments.push(file.subarray(from, end));
    if (type === FULL || type === LAST) {
      batches.push({ end, rows: readBatch(Buffer.concat(fragments)) });
    }
    at = end;
  }
  return batches;
}

/** A sequence number of eight bytes, a count of four, then the rows. */
const COUNT_AT = 8;
const ROWS_AT = 12;
const PUT = 1;

function readBatch(batch: Buffer): LoggedRow[] {
  const rows: LoggedRow[] = [];
  let at = ROWS_AT;
  const text = (): string => {
    const length = readVarint(batch, at);
    at = length.next + length.value;
    return batch.toString('utf8', length.next, at);
  };
  const count = batch.readUInt32LE(COUNT_AT);
  for (let row = 0; row < count; row += 1) {
    const tag = batch.readUInt8(at);
    at += 1;
    const key = text();
    rows.push({ key, value: tag === PUT ? text() : undefined });
  }
  if (at !== batch.length) throw new Error('a batch does not end with its last row');
  return rows;
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. At most 32 bits. */
function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let place = 0; place < 5; place += 1) {
    const byte = bytes.readUInt8(at + place);
    value += (byte & 127) * 128 ** place;
    if (byte < 128) return { value, next: at + place + 1 };
  }
  throw new Error(`no length at byte ${at} of a batch`);
}
