import { ENTRA_COLUMNS } from './csv-columns.ts';
import type { HeaderDialect } from './csv-dialect.ts';
import {
  readAccount,
  readLabel,
  readSeedText,
  readSerial,
  readStepSeconds,
  refusal,
} from './values.ts';

/** `Time Interval`, `timeinterval` and `time interval` are one. */
const plain = (name: string): string => name.replace(/\s/g, '').toLowerCase();

/**
 * What Microsoft Entra ID takes (learn.microsoft.com, "Upload hardware OATH tokens in CSV format"),
 * and Token2 and Deepnet ship (wiki.deepnetsecurity.com, "How to Upload SafeID Hardware Token to
 * Azure AD": without `upn`, which the customer adds, and with `timeinterval` in one word): time
 * tokens of 6 digits and SHA-1, their seeds in base32.
 */
export const ENTRA_DIALECT: HeaderDialect = {
  name: 'entra',
  serialColumn: 'serial number',
  isHeader(names) {
    const given = names.map(plain);
    return given.includes('serialnumber') && given.includes('secretkey');
  },
  readHeader(names, place) {
    const columns = names.map((name) => {
      const column = ENTRA_COLUMNS.find((known) => plain(known) === plain(name));
      if (column !== undefined) return column;
      const what = `there is a column that is none of ${ENTRA_COLUMNS.join(', ')}`;
      throw refusal(place, 'unknownField', what);
    });
    for (const column of ENTRA_COLUMNS) {
      const count = columns.filter((name) => name === column).length;
      const at = { field: `${place.field}/${column}` };
      if (count > 1) throw refusal(at, 'duplicate', 'the column stands there twice');
      const needed = column !== 'upn' && column !== 'manufacturer' && column !== 'model';
      if (needed && count === 0) throw refusal(at, 'required', 'the column is missing');
    }
    return columns;
  },
  read(row) {
    const interval = row.require('time interval');
    const manufacturer = readLabel(row.text('manufacturer'), row.placeOf('manufacturer'));
    const model = readLabel(row.text('model'), row.placeOf('model'));
    const account = readAccount(row.text('upn'), row.placeOf('upn'));
    return {
      serial: readSerial(row.text('serial number'), row.placeOf('serial number')),
      seed: readSeedText(row.text('secret key'), 'base32', row.placeOf('secret key')),
      parameters: {
        type: 'time',
        algorithm: 'SHA1',
        digits: 6,
        stepSeconds: readStepSeconds(interval, row.placeOf('time interval')),
      },
      nextCounter: 0,
      ...(manufacturer === undefined ? {} : { manufacturer }),
      ...(model === undefined ? {} : { model }),
      ...(account === undefined ? {} : { account }),
    };
  },
};
