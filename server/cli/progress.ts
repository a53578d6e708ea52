import type { Output } from './surroundings.ts';

/** How far a file is on its way, for a person who waits for it. */
export interface Progress {
  /** These bytes have gone too. */
  add(bytes: Uint8Array): void;
  /** Takes the line away, so that what comes next stands in its place; also after a failure. */
  end(): void;
  readonly bytes: number;
  readonly rows: number;
}

export interface ProgressOptions {
  readonly errors: Output;
  /** A program reads: nothing is shown. */
  readonly json: boolean;
  /** What stands `perRow` times in the bytes of one row. */
  readonly marker: string;
  readonly perRow: number;
  /** How often it stands in a file besides: in its heading. */
  readonly besides: number;
  /** Of the whole file, where that is known. */
  readonly bytesTotal?: number;
}

const BAR_CELLS = 24;
/** Where the whole is not known, a line is drawn so often. */
const REDRAWN_BYTES = 256 * 1024;
const MEGABYTE = 1_000_000;

/**
 * A line on standard error that is drawn again in place: a bar with bytes and rows. Nothing where
 * standard error is no terminal, or with `--json`; the counts are kept all the same.
 */
export function createProgress(options: ProgressOptions): Progress {
  const { errors, json, marker, perRow, besides, bytesTotal } = options;
  const isShown = !json && errors.isTTY === true;
  const markers = createMarkerCount(marker);
  let bytes = 0;
  let width = 0;
  let step = -1;

  const draw = (): void => {
    const line = lineOf({ bytes, bytesTotal, rows: rows() });
    errors.write(`\r${line.padEnd(width)}`);
    width = line.length;
  };
  const rows = (): number => Math.max(0, Math.floor((markers.count() - besides) / perRow));

  return {
    get bytes() {
      return bytes;
    },
    get rows() {
      return rows();
    },
    add(piece) {
      bytes += piece.length;
      markers.add(piece);
      if (!isShown) return;
      const next = Math.floor(
        bytesTotal === undefined ? bytes / REDRAWN_BYTES : (100 * bytes) / bytesTotal,
      );
      if (next === step) return;
      step = next;
      draw();
    },
    end() {
      if (width > 0) errors.write(`\r${' '.repeat(width)}\r`);
      width = 0;
    },
  };
}

function lineOf({
  bytes,
  bytesTotal,
  rows,
}: {
  readonly bytes: number;
  readonly bytesTotal: number | undefined;
  readonly rows: number;
}): string {
  const counted = `${rows.toLocaleString('en-US')} tokens`;
  if (bytesTotal === undefined) return `${megabytes(bytes)} MB, ${counted}`;
  const share = bytesTotal === 0 ? 1 : Math.min(1, bytes / bytesTotal);
  const filled = Math.round(share * BAR_CELLS);
  const bar = '#'.repeat(filled).padEnd(BAR_CELLS, '.');
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${bar}] ${percent} %  ${megabytes(bytes)} of ${megabytes(bytesTotal)} MB, ${counted}`;
}

/** Without the unit. */
export const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);

/** How often a text of ASCII stands in bytes that come in pieces. */
function createMarkerCount(marker: string) {
  const wanted = Buffer.from(marker, 'latin1');
  let count = 0;
  /** The end of the piece before, where a marker may have begun. */
  let tail: Uint8Array = Buffer.alloc(0);
  return {
    count: () => count,
    add(piece: Uint8Array): void {
      const text = tail.length === 0 ? Buffer.from(piece) : Buffer.concat([tail, piece]);
      let end = 0;
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, end)) {
        count += 1;
        end = at + wanted.length;
      }
      tail = text.subarray(Math.max(end, text.length - wanted.length + 1));
    },
  };
}
