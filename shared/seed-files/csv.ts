import { CsvError, parse } from 'csv-parse/sync';
import { BASE32_TEXT_MAX, decodeBase32 } from '../base32.ts';
import type { Seed, TokenParameters } from '../types.ts';
import { WRITTEN_COLUMNS } from './csv-format.ts';
import {
  type OnEntry,
  SEED_FILE_LIMITS,
  type SeedFileEntry,
  type SeedFileParser,
} from './entry.ts';
import { withFinalRefusal } from './final-refusal.ts';
import { decodeHex } from './hex.ts';
import {
  createSerialRegister,
  type Place,
  readAlgorithm,
  readCounter,
  readDigits,
  readSeed,
  readSerial,
  readStepSeconds,
  refusal,
} from './values.ts';

/** A file may have them in any order; `seedBase32` instead of `seed`, which is hexadecimal. */
const COLUMNS = [...WRITTEN_COLUMNS, 'seedBase32'] as const;
type Column = (typeof COLUMNS)[number];

/** One line, whatever it holds. */
const LINE_CHARACTERS_MAX = COLUMNS.length * SEED_FILE_LIMITS.fieldCharacters;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads seeds as CSV (RFC 4180) with a header line: `serial`, `seed` in hexadecimal (or
 * `seedBase32`), `algorithm`, `digits`, and `period` in seconds for a time token or `counter`, the
 * next one, for an event token. An entry is one line. Blank lines are passed over, as is a byte
 * order mark.
 *
 * The last line needs its line end: without one a file that was cut short, inside a seed or a
 * counter, could not be told from a whole one.
 */
export function createCsvParser(onEntry: OnEntry): SeedFileParser {
  return withFinalRefusal(new CsvReader(onEntry));
}

class CsvReader implements SeedFileParser {
  readonly #onEntry: OnEntry;
  readonly #register = createSerialRegister();
  #columns: readonly Column[] | undefined;
  /** What came after the last line end. */
  #rest = '';
  #line = 0;
  #entries = 0;
  #characters = 0;

  constructor(onEntry: OnEntry) {
    this.#onEntry = onEntry;
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
    if (this.#rest.length > LINE_CHARACTERS_MAX + 1) throw this.#lineTooLong(this.#line + 1);
  }

  end(): void {
    const next = { field: `line ${this.#line + 1}` };
    if (this.#rest.trim() !== '') {
      const what = 'the last line has no line end, so the file may have been cut short';
      const then = 'Get the whole file again; if it is whole, end its last line with a line end.';
      throw refusal(next, 'truncated', what, then);
    }
    if (this.#columns === undefined) throw refusal(next, 'required', 'there is no header line');
    if (this.#entries === 0) throw refusal(next, 'required', 'there is no token in the file');
  }

  #readLine(textAndReturn: string): void {
    this.#line += 1;
    const text = textAndReturn.endsWith('\r') ? textAndReturn.slice(0, -1) : textAndReturn;
    if (text.length > LINE_CHARACTERS_MAX) throw this.#lineTooLong(this.#line);
    if (text.trim() === '') return;
    const fields = readFields(text, { field: `line ${this.#line}` });
    if (this.#columns === undefined) this.#columns = this.#readHeader(fields);
    else this.#readEntry(fields, this.#columns);
  }

  #readHeader(names: readonly string[]): Column[] {
    const columns = names.map((name) => {
      const column = COLUMNS.find((known) => known === name.trim());
      if (column !== undefined) return column;
      const what = `there is a column that is none of ${COLUMNS.join(', ')}`;
      throw refusal({ field: `line ${this.#line}` }, 'unknownField', what);
    });
    const refuse = (column: Column, code: 'required' | 'duplicate' | 'oneOf', what: string) =>
      refusal({ field: `line ${this.#line}/${column}` }, code, what);
    for (const column of columns) {
      if (columns.indexOf(column) !== columns.lastIndexOf(column)) {
        throw refuse(column, 'duplicate', 'the column stands there twice');
      }
    }
    const has = (column: Column) => columns.includes(column);
    for (const column of ['serial', 'algorithm', 'digits'] as const) {
      if (!has(column)) throw refuse(column, 'required', 'the column is missing');
    }
    if (!has('seed') && !has('seedBase32')) {
      throw refuse('seed', 'required', 'there is neither a column seed nor seedBase32');
    }
    if (has('seed') && has('seedBase32')) {
      throw refuse('seedBase32', 'oneOf', 'there is a column seed as well');
    }
    if (!has('period') && !has('counter')) {
      throw refuse('period', 'required', 'there is neither a column period nor counter');
    }
    return columns;
  }

  #readEntry(fields: readonly string[], columns: readonly Column[]): void {
    const here = { field: `line ${this.#line}` };
    this.#entries += 1;
    if (this.#entries > SEED_FILE_LIMITS.entries) {
      throw refusal(here, 'tooMany', `a file has at most ${SEED_FILE_LIMITS.entries} tokens`);
    }
    if (fields.length !== columns.length) {
      const what = `it has ${fields.length} fields, the header line ${columns.length}`;
      throw refusal(here, fields.length < columns.length ? 'tooShort' : 'tooLong', what);
    }
    const row: Row = {
      // White space around a value means nothing in any column.
      text: (column) => fields[columns.indexOf(column)]?.trim() ?? '',
      place: (column) => ({ field: `line ${this.#line}/${column}` }),
    };
    for (const column of columns) {
      if (row.text(column).length > SEED_FILE_LIMITS.fieldCharacters) {
        const what = `a field has at most ${SEED_FILE_LIMITS.fieldCharacters} characters`;
        throw refusal(row.place(column), 'tooLong', what);
      }
    }
    const entry = readEntry(row, columns.includes('seedBase32'));
    this.#register(entry.serial, row.place('serial'), here.field);
    this.#onEntry(entry);
  }

  #lineTooLong(line: number) {
    const what = `a line has at most ${LINE_CHARACTERS_MAX} characters`;
    return refusal({ field: `line ${line}` }, 'tooLong', what);
  }
}

interface Row {
  /** Empty when the file has no such column. */
  text(column: Column): string;
  place(column: Column): Place;
}

function readEntry(row: Row, inBase32: boolean): SeedFileEntry {
  const serial = readSerial(row.text('serial'), row.place('serial'));
  const seed = readSeedField(row, inBase32);
  const algorithm = readAlgorithm(requireText(row, 'algorithm'), row.place('algorithm'));
  const digits = readDigits(requireText(row, 'digits'), row.place('digits'));
  const movingFactor = readMovingFactor(row);
  const parameters: TokenParameters =
    movingFactor.type === 'time'
      ? { type: 'time', algorithm, digits, stepSeconds: movingFactor.stepSeconds }
      : { type: 'event', algorithm, digits };
  const nextCounter = movingFactor.type === 'event' ? movingFactor.nextCounter : 0;
  return { serial, seed, parameters, nextCounter };
}

function readSeedField(row: Row, inBase32: boolean): Seed {
  const column = inBase32 ? 'seedBase32' : 'seed';
  const text = requireText(row, column);
  const place = row.place(column);
  if (!inBase32) return readSeed(decodeHex(text), 'hexadecimal', place);
  const tooLong = text.length > BASE32_TEXT_MAX;
  if (tooLong) throw refusal(place, 'seedTooLong', 'the text is too long for a seed');
  return readSeed(decodeBase32(text), 'base32', place);
}

type MovingFactor =
  | { readonly type: 'time'; readonly stepSeconds: number }
  | { readonly type: 'event'; readonly nextCounter: number };

/** A period makes a time token, a counter an event token; a line gives exactly one of them. */
function readMovingFactor(row: Row): MovingFactor {
  const period = row.text('period');
  const counter = row.text('counter');
  if ((period === '') === (counter === '')) {
    const what = 'a line gives either a period (time token) or a counter (event token)';
    throw refusal(row.place('period'), 'oneOf', what);
  }
  return period === ''
    ? { type: 'event', nextCounter: readCounter(counter, row.place('counter')) }
    : { type: 'time', stepSeconds: readStepSeconds(period, row.place('period')) };
}

function requireText(row: Row, column: Column): string {
  const text = row.text(column);
  if (text === '') throw refusal(row.place(column), 'required', 'the field is empty');
  return text;
}

/** The fields of one line. csv-parse's own messages repeat the line, and the seed in it. */
function readFields(line: string, place: Place): readonly string[] {
  try {
    const [record = []] = parse(line, { relax_column_count: true, record_delimiter: '\n' });
    return record;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw refusal(place, 'malformed', 'the quotes in this line do not match');
  }
}
