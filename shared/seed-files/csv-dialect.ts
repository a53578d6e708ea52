import type { CsvDialectName } from './csv-dialects.ts';
import type { CsvRow } from './csv-row.ts';
import type { SeedFileEntry } from './entry.ts';
import type { Place } from './values.ts';

/** A kind of CSV file whose first line names the columns. */
export interface HeaderDialect {
  readonly name: CsvDialectName;
  readonly serialColumn: string;
  /** Whether a first line is meant as this header, though it may be a faulty one. */
  isHeader(names: readonly string[]): boolean;
  /** @returns the columns' names, as `read` asks for them; throws for a faulty header */
  readHeader(names: readonly string[], place: Place): readonly string[];
  read(row: CsvRow, columns: readonly string[]): SeedFileEntry;
}

/** A kind of CSV file without a header: what a field means follows from its place. */
export interface PositionalDialect {
  readonly name: CsvDialectName;
  readonly delimiter: ',' | ';';
  /** The columns of a line of this shape; `undefined` when the line has another shape. */
  columnsOf(fields: readonly string[]): readonly string[] | undefined;
  read(row: CsvRow): SeedFileEntry;
}
