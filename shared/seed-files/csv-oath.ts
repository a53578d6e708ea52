import type { Algorithm, Digits, TokenParameters } from '../types.ts';
import type { PositionalDialect } from './csv-dialect.ts';
import type { CsvRow } from './csv-row.ts';
import type { SeedFileEntry } from './entry.ts';
import {
  readAccount,
  readAlgorithm,
  readCounter,
  readDigits,
  readSeedText,
  readSerial,
  readStepSeconds,
  refusal,
} from './values.ts';

/** Lines of the "OATH CSV" family: serial and seed in hexadecimal, then what differs. */

const TYPES: Readonly<Record<string, TokenParameters['type']>> = {
  '': 'event',
  hotp: 'event',
  hmac: 'event',
  totp: 'time',
};

const typeOf = (text: string | undefined) => TYPES[(text ?? '').trim().toLowerCase()];

const isSeedLike = (text: string | undefined): boolean =>
  /^\s*[0-9a-fA-F]{2,}\s*$/.test(text ?? '');

/**
 * LinOTP (linotp/lib/ImportOTP/oath.py): serial, seed, type, digits, time step, hash. All but the
 * first two may be left away: `hotp`, 6, 30, and the hash that the seed's length suggests. NetIQ
 * Advanced Authentication documents the first five of them alike.
 */
export const LINOTP_DIALECT: PositionalDialect = {
  name: 'linotp',
  delimiter: ',',
  columnsOf(fields) {
    const fits = fields.length >= 2 && fields.length <= 6;
    const known = isSeedLike(fields[1]) && typeOf(fields[2]) !== undefined;
    return fits && known ? ['serial', 'seed', 'type', 'digits', 'period', 'algorithm'] : undefined;
  },
  read(row) {
    const seed = readSeedText(row.text('seed'), 'hex', row.placeOf('seed'));
    const said = row.text('algorithm');
    const bySeed = HASH_BY_SEED_BYTES[seed.length] ?? 'SHA1';
    const algorithm = said === '' ? bySeed : readAlgorithm(said, row.placeOf('algorithm'));
    const period = row.text('period');
    const digits = digitsOf(row);
    const serial = readSerial(row.text('serial'), row.placeOf('serial'));
    if (typeOf(row.text('type')) !== 'time') {
      // A time step beside an event token says nothing.
      return { serial, seed, parameters: { type: 'event', algorithm, digits }, nextCounter: 0 };
    }
    const stepSeconds = period === '' ? 30 : readStepSeconds(period, row.placeOf('period'));
    const parameters = { type: 'time', algorithm, digits, stepSeconds } as const;
    return { serial, seed, parameters, nextCounter: 0 };
  },
};

const HASH_BY_SEED_BYTES: Readonly<Record<number, Algorithm>> = { 32: 'SHA256', 64: 'SHA512' };

const digitsOf = (row: CsvRow): Digits => {
  const text = row.text('digits');
  return text === '' ? 6 : readDigits(text, row.placeOf('digits'));
};

/**
 * privacyIDEA (`parseOATHcsv` in privacyidea/lib/importotp.py and `get_import_csv` of
 * privacyidea/lib/tokens/hotptoken.py and totptoken.py): serial, seed, type, digits, and then the
 * counter of an event token or the step of a time token. SHA-1 always.
 */
export const PRIVACYIDEA_DIALECT: PositionalDialect = {
  name: 'privacyidea',
  delimiter: ',',
  columnsOf(fields) {
    const fits = fields.length >= 2 && fields.length <= 5;
    const known = isSeedLike(fields[1]) && typeOf(fields[2]) !== undefined;
    return fits && known ? PRIVACYIDEA_COLUMNS : undefined;
  },
  read: readPrivacyidea,
};

const PRIVACYIDEA_COLUMNS = ['serial', 'seed', 'type', 'digits', 'factor'];
const LONG_HEX = /^\s*[0-9a-fA-F]{17,}\s*$/;
const USER_COLUMNS = ['user', 'resolver', 'realm'];

/**
 * The same after a first line `# version: 2`, with user, resolver and realm in front. The account
 * is `user@realm`, so that those of two realms are not taken for one; without a realm, `user`.
 */
export const PRIVACYIDEA_USERS_DIALECT: PositionalDialect = {
  name: 'privacyidea-users',
  delimiter: ',',
  columnsOf(fields) {
    const fits = fields.length >= 5 && fields.length <= 8;
    // The fifth field of the other dialects is a time step or a counter, at most 16 digits.
    const known = LONG_HEX.test(fields[4] ?? '') && typeOf(fields[5]) !== undefined;
    return fits && known ? [...USER_COLUMNS, ...PRIVACYIDEA_COLUMNS] : undefined;
  },
  read(row) {
    const user = row.text('user');
    const realm = row.text('realm');
    const name = realm === '' || user === '' ? user : `${user}@${realm}`;
    const account = readAccount(name, row.placeOf('user'));
    return { ...readPrivacyidea(row), ...(account === undefined ? {} : { account }) };
  },
};

function readPrivacyidea(row: CsvRow): SeedFileEntry {
  const digits = digitsOf(row);
  const factor = row.text('factor');
  const token = {
    serial: readSerial(row.text('serial'), row.placeOf('serial')),
    seed: readSeedText(row.text('seed'), 'hex', row.placeOf('seed')),
  };
  if (typeOf(row.text('type')) === 'time') {
    const stepSeconds = factor === '' ? 30 : readStepSeconds(factor, row.placeOf('factor'));
    const parameters = { type: 'time', algorithm: 'SHA1', digits, stepSeconds } as const;
    return { ...token, parameters, nextCounter: 0 };
  }
  const nextCounter = factor === '' ? 0 : readCounter(factor, row.placeOf('factor'));
  return { ...token, parameters: { type: 'event', algorithm: 'SHA1', digits }, nextCounter };
}

/**
 * PingID (docs.pingidentity.com, "Configuring OATH token authentication"): serial, seed, and for
 * event tokens a counter. The file does not say which of the two it is, 6 digits and 30 seconds.
 */
export const PINGID_HOTP_DIALECT: PositionalDialect = {
  name: 'pingid-hotp',
  delimiter: ',',
  columnsOf(fields) {
    const fits =
      fields.length === 2 || (fields.length === 3 && /^\s*[0-9]+\s*$/.test(fields[2] ?? ''));
    return fits && isSeedLike(fields[1]) ? ['serial', 'seed', 'counter'] : undefined;
  },
  read(row) {
    const counter = row.text('counter');
    return {
      serial: readSerial(row.text('serial'), row.placeOf('serial')),
      seed: readSeedText(row.text('seed'), 'hex', row.placeOf('seed')),
      parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
      nextCounter: counter === '' ? 0 : readCounter(counter, row.placeOf('counter')),
    };
  },
};

export const PINGID_TOTP_DIALECT: PositionalDialect = {
  name: 'pingid-totp',
  delimiter: ',',
  columnsOf: (fields) =>
    fields.length === 2 && isSeedLike(fields[1]) ? ['serial', 'seed'] : undefined,
  read: (row) => ({
    serial: readSerial(row.text('serial'), row.placeOf('serial')),
    seed: readSeedText(row.text('seed'), 'hex', row.placeOf('seed')),
    parameters: { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 },
    nextCounter: 0,
  }),
};

/**
 * PhenixID (document.phenixid.net, "Import hardware tokens"), with semicolons:
 * `HOTP;serial;key;counter`, `serial;key;counter` and
 * `TOTP;serial;SHA;key;epoch;timeinterval;otplength`. Event tokens have 6 digits and SHA-1.
 */
export const PHENIXID_DIALECT: PositionalDialect = {
  name: 'phenixid',
  delimiter: ';',
  columnsOf(fields) {
    const kind = fields[0]?.trim().toUpperCase();
    if (kind === 'TOTP' && fields.length === 7) {
      return ['type', 'serial', 'algorithm', 'seed', 'epoch', 'period', 'digits'];
    }
    if (kind === 'HOTP' && fields.length === 4) return ['type', 'serial', 'seed', 'counter'];
    return fields.length === 3 && isSeedLike(fields[1]) ? ['serial', 'seed', 'counter'] : undefined;
  },
  read(row) {
    const token = {
      serial: readSerial(row.text('serial'), row.placeOf('serial')),
      seed: readSeedText(row.text('seed'), 'hex', row.placeOf('seed')),
    };
    if (row.text('type').toUpperCase() === 'TOTP') {
      return { ...token, parameters: readPhenixidTime(row), nextCounter: 0 };
    }
    const nextCounter = readCounter(row.require('counter'), row.placeOf('counter'));
    return { ...token, parameters: { type: 'event', algorithm: 'SHA1', digits: 6 }, nextCounter };
  },
};

function readPhenixidTime(row: CsvRow): TokenParameters {
  // RFC 6238's T0, which is 0 in every token that the server knows.
  if (!/^0+$/.test(row.require('epoch'))) {
    throw refusal(row.placeOf('epoch'), 'unsupported', 'only an epoch of 0 is read');
  }
  return {
    type: 'time',
    algorithm: readAlgorithm(row.require('algorithm'), row.placeOf('algorithm')),
    digits: readDigits(row.require('digits'), row.placeOf('digits')),
    stepSeconds: readStepSeconds(row.require('period'), row.placeOf('period')),
  };
}
