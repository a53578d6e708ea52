import { CsvError, parse } from 'csv-parse/sync';
import type { FobtwinError } from '../errors.ts';
import type { Serial } from '../types.ts';
import type { HeaderDialect, PositionalDialect } from './csv-dialect.ts';
import { HEADER_DIALECTS } from './csv-dialect-table.ts';
import { CSV_DIALECT_NAMES, type CsvDialectName } from './csv-dialects.ts';
import { type Fields, positionalDialects, readPositional, VERSION_2 } from './csv-positional.ts';
import { CsvRow } from './csv-row.ts';
import {
  type OnEntry,
  type OnRefused,
  SEED_FILE_LIMITS,
  type SeedFileEntry,
  type SeedFileParser,
} from './entry.ts';
import { readOrPassOver, unlessRefused } from './refused.ts';
import { createSerialRegister, type Place, refusal } from './values.ts';

/** One line, whatever it holds. */
const LINE_CHARACTERS_MAX = 12 * SEED_FILE_LIMITS.fieldCharacters;
const BYTE_ORDER_MARK = '\uFEFF';

/** What the first lines said of the rest. */
type Shape =
  | Headed
  /** Those that every line so far fits; where several do, they read it alike. */
  | { readonly dialects: readonly PositionalDialect[] };

interface Headed {
  readonly dialect: HeaderDialect;
  readonly columns: readonly string[];
}

/** Told the serial of a line that is refused, where it has one. */
type OnSerial = (serial: Serial | undefined) => void;

/** The state of one file being read; `createCsvParser` says what it promises. */
export class CsvReader implements SeedFileParser {
  readonly #onEntry: OnEntry;
  readonly #onRefused: OnRefused | undefined;
  readonly #dialect: CsvDialectName | undefined;
  readonly #register = createSerialRegister();
  #shape: Shape | undefined;
  /** From a first comment that says so. */
  #said: CsvDialectName | undefined;
  /** What came after the last line end. */
  #rest = '';
  #line = 0;
  #rows = 0;
  #characters = 0;

  constructor(
    onEntry: OnEntry,
    options: { readonly dialect?: CsvDialectName; readonly onRefused?: OnRefused },
  ) {
    this.#onEntry = onEntry;
    this.#onRefused = options.onRefused;
    this.#dialect = options.dialect;
  }

  write(text: string): void {
    const atStart = this.#characters === 0 && text.startsWith(BYTE_ORDER_MARK);
    this.#characters += text.length;
    if (this.#characters > SEED_FILE_LIMITS.bytes) {
      const what = `a file has at most ${SEED_FILE_LIMITS.bytes} bytes`;
      throw refusal({ field: `line ${this.#line + 1}` }, 'tooLarge', what);
    }
    const lines = (atStart ? text.slice(1) : text).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      this.#readLine(this.#rest + line);
      this.#rest = '';
    }
    this.#rest += last;
    // A carriage return that ends the line counts for the line end.
    if (this.#rest.length > LINE_CHARACTERS_MAX + 1) throw lineTooLong(this.#line + 1);
  }

  end(): void {
    const next = { field: `line ${this.#line + 1}` };
    if (this.#rest.trim() !== '') {
      const what = 'the last line has no line end, so the file may have been cut short';
      const then = 'Get the whole file again; if it is whole, end its last line with a line end.';
      throw refusal(next, 'truncated', what, then);
    }
    if (this.#shape === undefined) throw refusal(next, 'required', 'there is no header line');
    if (this.#rows === 0) throw refusal(next, 'required', 'there is no token in the file');
  }

  #readLine(textAndReturn: string): void {
    this.#line += 1;
    const text = textAndReturn.endsWith('\r') ? textAndReturn.slice(0, -1) : textAndReturn;
    if (text.length > LINE_CHARACTERS_MAX) throw lineTooLong(this.#line);
    if (text.trim() === '' || this.#isRemark(text)) return;
    const place = { field: `line ${this.#line}` };
    const shape = this.#shape ?? this.#findShape(text, place);
    if (this.#shape === undefined) {
      this.#shape = shape;
      if ('columns' in shape) return;
    }
    this.#readRow(text, shape, place);
  }

  /** Comments, and the line that begins Yubico's log; where there is a header there are none. */
  #isRemark(text: string): boolean {
    if (this.#shape !== undefined && 'columns' in this.#shape) return false;
    if (this.#shape === undefined && VERSION_2.test(text)) this.#said = 'privacyidea-users';
    return text.startsWith('#') || text.startsWith('LOGGING START');
  }

  #findShape(text: string, place: Place): Shape {
    const wanted = this.#dialect ?? this.#said;
    const headers = HEADER_DIALECTS.filter(({ name }) => wanted === undefined || wanted === name);
    const names = unlessRefused(() => splitLine(text, ',', place));
    if (headers.length > 0 && names !== undefined) {
      const meant = headers.find((header) => header.isHeader(names));
      const found = meant ?? (wanted === undefined ? undefined : headers[0]);
      if (found !== undefined) return { dialect: found, columns: found.readHeader(names, place) };
    }
    const dialects = positionalDialects(wanted, fieldsOf(text, place));
    if (dialects.length > 0) return { dialects };
    if (names === undefined) throw malformed(place);
    throw noDialect(place, wanted);
  }

  #readRow(text: string, shape: Shape, place: Place): void {
    this.#rows += 1;
    if (this.#rows > SEED_FILE_LIMITS.entries) {
      throw refusal(place, 'tooMany', `a file has at most ${SEED_FILE_LIMITS.entries} tokens`);
    }
    let serial: Serial | undefined;
    const readFields = this.#readerOf(text, shape, place);
    const read = (): SeedFileEntry => {
      const entry = readFields((refused) => {
        serial = refused;
      });
      serial = entry.serial;
      this.#register(entry.serial, { field: `${place.field}/serial` }, place.field);
      return entry;
    };
    const entry = readOrPassOver(read, this.#rows, {
      onRefused: this.#onRefused,
      serial: () => serial,
    });
    if (entry !== undefined) this.#onEntry(entry);
  }

  #readerOf(text: string, shape: Shape, place: Place): (onRefused: OnSerial) => SeedFileEntry {
    if ('columns' in shape) {
      return (onRefused) => this.#readWithHeader(splitLine(text, ',', place), shape, onRefused);
    }
    // Dialects that differ refuse the file, whatever its caller does with single tokens.
    const reading = readPositional(shape.dialects, fieldsOf(text, place), this.#line);
    this.#shape = { dialects: reading.fitting };
    return (onRefused) => {
      if ('entry' in reading) return reading.entry;
      onRefused(reading.serial);
      throw reading.error;
    };
  }

  #readWithHeader(
    fields: readonly string[],
    { dialect, columns }: Headed,
    onRefused: OnSerial,
  ): SeedFileEntry {
    if (fields.length !== columns.length) {
      const what = `it has ${fields.length} fields, the header line ${columns.length}`;
      const place = { field: `line ${this.#line}` };
      throw refusal(place, fields.length < columns.length ? 'tooShort' : 'tooLong', what);
    }
    const row = new CsvRow(this.#line, columns, fields);
    try {
      return dialect.read(row, columns);
    } catch (error) {
      onRefused(row.serialIn(dialect.serialColumn));
      throw error;
    }
  }
}

function lineTooLong(line: number): FobtwinError {
  const what = `a line has at most ${LINE_CHARACTERS_MAX} characters`;
  return refusal({ field: `line ${line}` }, 'tooLong', what);
}

function noDialect(place: Place, dialect: CsvDialectName | undefined): FobtwinError {
  if (dialect !== undefined) {
    const what = `it is no line of a file of the dialect ${dialect}`;
    return refusal(place, 'unknownField', what, NAME_DIALECT);
  }
  const what = 'it is neither a header line nor a token of a kind of CSV that is known';
  return refusal(place, 'unknownField', what, NAME_DIALECT);
}

const malformed = (place: Place): FobtwinError =>
  refusal(place, 'malformed', 'the quotes in this line do not match');

const NAME_DIALECT = `Name its dialect, one of ${CSV_DIALECT_NAMES.join(', ')}.`;

const fieldsOf = (text: string, place: Place): Fields => ({
  ',': () => splitLine(text, ',', place),
  ';': () => splitLine(text, ';', place),
});

/** The fields of one line. csv-parse's own messages repeat the line, and the seed in it. */
function splitLine(line: string, delimiter: ',' | ';', place: Place): readonly string[] {
  try {
    const options = { relax_column_count: true, record_delimiter: '\n', delimiter };
    const [record = []] = parse(line, options);
    return record;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw malformed(place);
  }
}
