import type { TokenParameters } from '../types.ts';
import { WRITTEN_COLUMNS } from './csv-columns.ts';
import type { HeaderDialect } from './csv-dialect.ts';
import type { CsvRow } from './csv-row.ts';
import type { SeedFileEntry } from './entry.ts';
import {
  type Place,
  readAccount,
  readAlgorithm,
  readCounter,
  readDigits,
  readLabel,
  readSeedText,
  readSerial,
  readStepSeconds,
  refusal,
} from './values.ts';

/** A file may have them in any order; `seedBase32` instead of `seed`, which is hexadecimal. */
const COLUMNS: readonly string[] = [...WRITTEN_COLUMNS, 'seedBase32'];

/**
 * Our own: `serial`, `seed` in hexadecimal (or `seedBase32`), `algorithm`, `digits`, and `period`
 * in seconds for a time token or `counter`, the next one, for an event token; `account`,
 * `manufacturer`, `model` and `issuer` where there are any.
 */
export const OWN_DIALECT: HeaderDialect = {
  name: 'fobtwin',
  serialColumn: 'serial',
  isHeader: (names) => names.some((name) => name.trim() === 'serial'),
  readHeader,
  read: readEntry,
};

function readHeader(names: readonly string[], place: Place): readonly string[] {
  const columns = names.map((name) => {
    if (COLUMNS.includes(name.trim())) return name.trim();
    const what = `there is a column that is none of ${COLUMNS.join(', ')}`;
    throw refusal(place, 'unknownField', what);
  });
  const refuse = (column: string, code: 'required' | 'duplicate' | 'oneOf', what: string) =>
    refusal({ field: `${place.field}/${column}` }, code, what);
  for (const column of columns) {
    if (columns.indexOf(column) !== columns.lastIndexOf(column)) {
      throw refuse(column, 'duplicate', 'the column stands there twice');
    }
  }
  const has = (column: string) => columns.includes(column);
  for (const column of ['serial', 'algorithm', 'digits']) {
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

function readEntry(row: CsvRow, columns: readonly string[]): SeedFileEntry {
  const serial = readSerial(row.text('serial'), row.placeOf('serial'));
  const inBase32 = columns.includes('seedBase32');
  const seedColumn = inBase32 ? 'seedBase32' : 'seed';
  const seed = readSeedText(
    row.text(seedColumn),
    inBase32 ? 'base32' : 'hex',
    row.placeOf(seedColumn),
  );
  const algorithm = readAlgorithm(row.require('algorithm'), row.placeOf('algorithm'));
  const digits = readDigits(row.require('digits'), row.placeOf('digits'));
  const movingFactor = readMovingFactor(row);
  const parameters: TokenParameters =
    movingFactor.type === 'time'
      ? { type: 'time', algorithm, digits, stepSeconds: movingFactor.stepSeconds }
      : { type: 'event', algorithm, digits };
  const nextCounter = movingFactor.type === 'event' ? movingFactor.nextCounter : 0;
  return { serial, seed, parameters, nextCounter, ...readLabels(row) };
}

/** What may be left away, where it is there. */
export function readLabels(
  row: CsvRow,
): Pick<SeedFileEntry, 'account' | 'manufacturer' | 'model' | 'issuer'> {
  const account = readAccount(row.text('account'), row.placeOf('account'));
  const label = (name: 'manufacturer' | 'model' | 'issuer') => {
    const text = readLabel(row.text(name), row.placeOf(name));
    return text === undefined ? {} : { [name]: text };
  };
  return {
    ...label('manufacturer'),
    ...label('model'),
    ...label('issuer'),
    ...(account === undefined ? {} : { account }),
  };
}

type MovingFactor =
  | { readonly type: 'time'; readonly stepSeconds: number }
  | { readonly type: 'event'; readonly nextCounter: number };

/** A period makes a time token, a counter an event token; a line gives exactly one of them. */
function readMovingFactor(row: CsvRow): MovingFactor {
  const period = row.text('period');
  const counter = row.text('counter');
  if ((period === '') === (counter === '')) {
    const what = 'a line gives either a period (time token) or a counter (event token)';
    throw refusal(row.placeOf('period'), 'oneOf', what);
  }
  return period === ''
    ? { type: 'event', nextCounter: readCounter(counter, row.placeOf('counter')) }
    : { type: 'time', stepSeconds: readStepSeconds(period, row.placeOf('period')) };
}
