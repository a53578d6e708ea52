import type { CsvDialectName } from './csv-dialects.ts';
import { CsvReader } from './csv-reader.ts';
import type { OnEntry, OnRefused, SeedFileParser } from './entry.ts';
import { withFinalRefusal } from './final-refusal.ts';

export interface CsvOptions {
  /** Default: found out from the lines; where several fit and differ, the file is refused. */
  readonly dialect?: CsvDialectName;
  readonly onRefused?: OnRefused;
}

/**
 * Reads seeds as CSV (RFC 4180), our own and others' (`csv-dialect-table.ts`). An entry is a line.
 * Blank lines are passed over, comments where there is no header, and a byte order mark.
 *
 * The last line needs its line end: without one a file that was cut short, inside a seed or a
 * counter, could not be told from a whole one.
 */
export function createCsvParser(onEntry: OnEntry, options: CsvOptions = {}): SeedFileParser {
  return withFinalRefusal(new CsvReader(onEntry, options));
}
