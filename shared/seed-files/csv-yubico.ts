import type { PositionalDialect } from './csv-dialect.ts';
import type { CsvRow } from './csv-row.ts';
import type { SeedFileEntry } from './entry.ts';
import { readDigits, readSeedText, readSerial, refusal } from './values.ts';

/** The digits of hexadecimal as Yubico writes them, chosen to be alike on every keyboard. */
const MODHEX = 'cbdefghijklnrtuv';
const KINDS = ['oath-hotp', 'yubico otp', 'static password'];
const DATE = /^\d{4}-\d{2}-\d{2}T/;

/** `OATH-HOTP,11.12.13 18:55,1,cccccccccccc,,916821…,,,0,0,0,6,…` */
const TRADITIONAL = [
  'type',
  'date',
  'slot',
  'publicId',
  'privateId',
  'seed',
  'accessCode',
  'newAccessCode',
  'flag1',
  'flag2',
  'flag3',
  'digits',
];
/** `508326,,0,69cfb9…,,2013-12-12T08:41:07,` */
const PLAIN = ['number', 'publicId', 'privateId', 'seed', 'accessCode', 'date'];
/** No public id is longer: 16 bytes. */
const PUBLIC_ID_CHARACTERS_MAX = 32;

/**
 * The log of Yubico's personalization tool, in its traditional and its Yubico format, as
 * privacyIDEA reads it (`parseYubicoCSV` in privacyidea/lib/importotp.py), serials included:
 * `UBOM`, the public id as a number or the YubiKey's own, and the slot (X where it is not said).
 * Event tokens (OATH-HOTP) only; the Yubico format is of 6 digits.
 */
export const YUBICO_DIALECT: PositionalDialect = {
  name: 'yubico',
  delimiter: ',',
  columnsOf(fields) {
    const [first = ''] = fields;
    if (fields.length >= 6 && KINDS.includes(first.trim().toLowerCase())) return TRADITIONAL;
    const plain = fields.length >= 6 && fields.length <= 8;
    const dated = DATE.test(fields[5]?.trim() ?? '');
    return plain && /^\s*[0-9]{1,20}\s*$/.test(first) && dated ? PLAIN : undefined;
  },
  read: (row) => (row.text('type') === '' ? readPlain(row) : readTraditional(row)),
};

function readTraditional(row: CsvRow): SeedFileEntry {
  if (row.text('type').toLowerCase() !== 'oath-hotp') throw notHotp(row, 'type');
  const publicId = row.require('publicId').toLowerCase();
  const digits = row.text('digits');
  const serial = `UBOM${numberOf(publicId, row)}_${row.require('slot')}`;
  return {
    serial: readSerial(serial, row.placeOf('publicId')),
    seed: readSeedText(row.text('seed'), 'hex', row.placeOf('seed')),
    parameters: {
      type: 'event',
      algorithm: 'SHA1',
      digits: digits === '' ? 6 : readDigits(digits, row.placeOf('digits')),
    },
    nextCounter: 0,
  };
}

function readPlain(row: CsvRow): SeedFileEntry {
  if (row.text('privateId') !== '0') throw notHotp(row, 'privateId');
  return {
    serial: readSerial(`UBOM${row.text('number')}_X`, row.placeOf('number')),
    seed: readSeedText(row.text('seed'), 'hex', row.placeOf('seed')),
    parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
    nextCounter: 0,
  };
}

/** The public id as a decimal number of at least 8 digits. */
function numberOf(publicId: string, row: CsvRow): string {
  const values = Array.from(publicId, (character) => MODHEX.indexOf(character));
  if (values.includes(-1) || values.length > PUBLIC_ID_CHARACTERS_MAX || values.length % 2 !== 0) {
    throw refusal(row.placeOf('publicId'), 'badFormat', 'the public id is not in modhex');
  }
  const number = values.reduce((sum, value) => sum * 16n + BigInt(value), 0n);
  return number.toString().padStart(8, '0');
}

function notHotp(row: CsvRow, column: string) {
  const what = 'only OATH-HOTP is read, and no other use of a YubiKey';
  return refusal(row.placeOf(column), 'unsupported', what);
}
