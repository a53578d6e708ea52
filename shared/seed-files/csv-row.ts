import type { Serial } from '../types.ts';
import { SEED_FILE_LIMITS } from './entry.ts';
import { unlessRefused } from './refused.ts';
import { type Place, readSerial, refusal } from './values.ts';

/** Hexadecimal, or base32. */
const SEED_LIKE = /^(?:[0-9A-F]{20,}|[A-Z2-7]{16,})$/;

/** One line of a CSV file, its fields under the names of their columns. */
export class CsvRow {
  readonly place: Place;
  readonly #columns: readonly string[];
  readonly #fields: readonly string[];

  /** @throws FobtwinError `invalidInput` for a field that is too long to be any */
  constructor(line: number, columns: readonly string[], fields: readonly string[]) {
    this.place = { field: `line ${line}` };
    this.#columns = columns;
    this.#fields = fields;
    for (const [index, field] of fields.entries()) {
      if (field.length <= SEED_FILE_LIMITS.fieldCharacters) continue;
      const what = `a field has at most ${SEED_FILE_LIMITS.fieldCharacters} characters`;
      throw refusal(this.placeOf(columns[index] ?? 'field'), 'tooLong', what);
    }
  }

  /** Without white space around; empty when the file or the line has no such column. */
  text(column: string): string {
    return this.#fields[this.#columns.indexOf(column)]?.trim() ?? '';
  }

  placeOf(column: string): Place {
    return { field: `${this.place.field}/${column}` };
  }

  require(column: string): string {
    const text = this.text(column);
    if (text === '') throw refusal(this.placeOf(column), 'required', 'the field is empty');
    return text;
  }

  /**
   * What a refused line is called, where that much can be read: never what could be a seed, which
   * stands there when columns are swapped.
   */
  serialIn(column: string): Serial | undefined {
    const serial = unlessRefused(() => readSerial(this.text(column), this.placeOf(column)));
    return serial === undefined || SEED_LIKE.test(serial) ? undefined : serial;
  }
}
