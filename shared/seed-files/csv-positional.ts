import { FobtwinError } from '../errors.ts';
import type { Serial } from '../types.ts';
import type { PositionalDialect } from './csv-dialect.ts';
import { POSITIONAL_DIALECTS } from './csv-dialect-table.ts';
import type { CsvDialectName } from './csv-dialects.ts';
import { CsvRow } from './csv-row.ts';
import type { SeedFileEntry } from './entry.ts';
import { encodeHex } from './hex.ts';
import { unlessRefused } from './refused.ts';
import { refusal } from './values.ts';

/** The fields of one line, split as each delimiter would have it. */
export type Fields = Readonly<Record<',' | ';', () => readonly string[]>>;

/** A first line of privacyIDEA's that says there are users in front. */
export const VERSION_2 = /^#\s*version:\s*2\s*$/;

/** Those that a first line fits; only the wanted one where one is wanted. */
export function positionalDialects(
  wanted: CsvDialectName | undefined,
  fields: Fields,
): readonly PositionalDialect[] {
  const candidates = POSITIONAL_DIALECTS.filter(
    ({ name }) => wanted === undefined || wanted === name,
  );
  return candidates.filter(({ delimiter, columnsOf }) =>
    unlessRefused(() => columnsOf(fields[delimiter]())),
  );
}

export type PositionalReading = {
  /** Those of the dialects that the line fits; all of them where it fits none. */
  readonly fitting: readonly PositionalDialect[];
} & (
  | { readonly entry: SeedFileEntry }
  /** The line's own refusal. */
  | Refused
);

interface Refused {
  readonly error: FobtwinError;
  readonly serial?: Serial | undefined;
}

/**
 * One line of a file without a header, read by every dialect that all lines before fit. They must
 * come to the same token: which of two is meant is never guessed.
 *
 * @throws FobtwinError `invalidInput` when the dialects differ, which puts the whole file in doubt
 */
export function readPositional(
  dialects: readonly PositionalDialect[],
  fields: Fields,
  line: number,
): PositionalReading {
  const place = { field: `line ${line}` };
  const readings = dialects.flatMap((dialect) => {
    const reading = attempt(dialect, fields, line);
    return reading === undefined ? [] : [{ dialect, ...reading }];
  });
  const [first] = readings;
  if (first === undefined) {
    const names = dialects.map(({ name }) => name).join(', ');
    const what = `it does not fit what the file began as (${names})`;
    return { fitting: dialects, error: refusal(place, 'unknownField', what) };
  }
  if (readings.some(({ mark }) => mark !== first.mark)) {
    const names = readings.map(({ dialect }) => dialect.name).join(', ');
    throw refusal(
      place,
      'oneOf',
      `it reads differently as ${names}`,
      `Name its dialect: ${names}.`,
    );
  }
  const { dialect: _dialect, mark: _mark, ...outcome } = first;
  return { fitting: readings.map(({ dialect }) => dialect), ...outcome };
}

type Attempt = { readonly mark: string } & ({ readonly entry: SeedFileEntry } | Refused);

/** `undefined` when the line has another shape. */
function attempt(dialect: PositionalDialect, fields: Fields, line: number): Attempt | undefined {
  let row: CsvRow | undefined;
  try {
    const own = fields[dialect.delimiter]();
    const columns = dialect.columnsOf(own);
    if (columns === undefined) return undefined;
    row = new CsvRow(line, columns, own);
    const entry = dialect.read(row);
    return { entry, mark: JSON.stringify({ ...entry, seed: encodeHex(entry.seed) }) };
  } catch (error) {
    if (!(error instanceof FobtwinError)) throw error;
    return { error, serial: row?.serialIn('serial'), mark: 'refused' };
  }
}
