import { createHash, type Hash } from 'node:crypto';
import type { ImportReport, ImportRow } from './port.ts';

/** What became of each row of a file so far. */
export interface Rows {
  add(rows: readonly ImportRow[]): void;
  /** Counts and the hash of the imported serials, as they would be with `rows` added. */
  detailsWith(rows: readonly ImportRow[]): ImportCounts & { readonly serialsSha256: string };
  report(): ImportReport;
}

export interface ImportCounts {
  readonly imported: number;
  readonly skipped: number;
  readonly refused: number;
}

export function createRows(): Rows {
  const all: ImportRow[] = [];
  const hash = createHash('sha256');
  let counts: ImportCounts = { imported: 0, skipped: 0, refused: 0 };
  return {
    add(rows) {
      for (const row of rows) all.push(row);
      hashSerials(rows, hash);
      counts = countsWith(rows, counts);
    },
    detailsWith: (rows) => ({
      ...countsWith(rows, counts),
      serialsSha256: hashSerials(rows, hash.copy()).digest('hex'),
    }),
    report: () => ({ ...counts, rows: all }),
  };
}

function countsWith(rows: readonly ImportRow[], counts: ImportCounts): ImportCounts {
  const sum = { ...counts };
  for (const { result } of rows) sum[result] += 1;
  return sum;
}

function hashSerials(rows: readonly ImportRow[], hash: Hash): Hash {
  for (const { serial, result } of rows) {
    if (result === 'imported') hash.update(`${serial}\n`);
  }
  return hash;
}
