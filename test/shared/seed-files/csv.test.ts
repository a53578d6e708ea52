import { expect } from 'chai';
import fc from 'fast-check';
import type { FieldErrorCode } from '../../../shared/errors.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import { createCsvParser } from '../../../shared/seed-files/csv.ts';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import { SEED_FILE_LIMITS } from '../../../shared/seed-files/entry.ts';
import { arbitraryEntries, change, cut, cuts, share } from './arbitrary-entries.ts';
import { expectHarmless, expectRefusal, readAll, readPieces, thrown } from './reading.ts';

const HEADER = 'serial,seed,algorithm,digits,period,counter';
const HEX = '3132333435363738393031323334353637383930';
const SEED = new TextEncoder().encode('12345678901234567890');
const EVENT = `FT1,${HEX},SHA1,6,,5`;
const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('');
const event = {
  serial: 'FT1',
  seed: SEED,
  parameters: { type: 'event', algorithm: 'SHA1', digits: 6 },
  nextCounter: 5,
};
const time = {
  serial: 'FT2',
  seed: SEED,
  parameters: { type: 'time', algorithm: 'SHA256', digits: 8, stepSeconds: 60 },
  nextCounter: 0,
};

describe('seeds as CSV', () => {
  it('come back as they were written, cut anywhere', () => {
    fc.assert(
      fc.property(arbitraryEntries(), cuts, (entries, shares) => {
        const pieces = cut(formatCsv(entries), shares);
        expect(readAll(createCsvParser, pieces)).to.deep.equal(entries);
      }),
    );
  });

  it('come back with the line ends of Windows, a byte order mark and quotes', () => {
    fc.assert(
      fc.property(arbitraryEntries(), cuts, (entries, shares) => {
        const quoted = formatCsv(entries).replace(/[^,\n]+/g, '"$&"');
        const text = `\uFEFF${quoted.replaceAll('\n', '\r\n')}`;
        expect(readAll(createCsvParser, cut(text, shares))).to.deep.equal(entries);
      }),
    );
  });

  it('never deliver what is not in the file when it was cut short', () => {
    fc.assert(
      fc.property(arbitraryEntries(), share, (all, where) => {
        const text = formatCsv(all);
        const short = text.slice(0, Math.floor(where * (text.length - 1)));
        const { entries, error } = readPieces(createCsvParser, [short]);
        if (error === undefined) expect(short).to.match(/\n$/);
        else expect(error).to.be.instanceOf(FobtwinError);
        expect(entries).to.deep.equal(all.slice(0, entries.length));
      }),
    );
  });

  it('survive any changed character, and tell the same of it wherever they are cut', () => {
    fc.assert(
      fc.property(arbitraryEntries(), change, cuts, (all, changed, shares) => {
        const text = changed(formatCsv(all));
        const reading = readPieces(createCsvParser, [text]);
        expectHarmless(reading, all);
        const inPieces = readPieces(createCsvParser, cut(text, shares));
        expect(inPieces.entries).to.deep.equal(reading.entries);
        expect(String(inPieces.error)).to.equal(String(reading.error));
      }),
      { numRuns: 1000 },
    );
  });

  it('come out line by line, up to the limit', () => {
    let delivered = 0;
    const parser = createCsvParser(() => {
      delivered += 1;
    });
    parser.write(lines(HEADER));
    for (let index = 0; index < SEED_FILE_LIMITS.entries; index += 1) {
      parser.write(lines(`FT${index},${HEX},SHA1,6,,0`));
      if (delivered !== index + 1) expect.fail(`line ${index + 2} was kept back`);
    }
    const error = thrown(() => parser.write(lines(`LAST,${HEX},SHA1,6,,0`)));
    expectRefusal(error, `line ${SEED_FILE_LIMITS.entries + 2}`, 'tooMany');
  }).timeout(120_000);

  const columns = 'counter,digits,seedBase32,algorithm,serial';
  const base32 = 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq';
  const accepted: readonly (readonly [string, string, object])[] = [
    ['an event token', lines(HEADER, EVENT), event],
    ['a time token', lines(HEADER, `FT2,${HEX},SHA256,8,60,`), time],
    ['blank lines', lines('', HEADER, ' ', EVENT, ''), event],
    ['white space around values', lines(HEADER, ` ft1 , ${HEX} ,sha-1, 6 ,,5`), event],
    ['other columns in another order', lines(columns, `5,6,${base32},HMAC-SHA1,FT1`), event],
  ];
  for (const [what, text, expected] of accepted) {
    it(`may have ${what}`, () => {
      expect(readAll(createCsvParser, [text])).to.deep.equal([expected]);
    });
  }

  it('are not written without tokens', () => {
    expectRefusal(
      thrown(() => formatCsv([])),
      'line 2',
      'required',
    );
  });
});

type Refusal = readonly [what: string, code: FieldErrorCode, text: string];

/** A file whose third line is this one. */
const third = (line: string) => lines(HEADER, `OTHER,${HEX},SHA1,6,30,`, line, `LATER,${HEX},x`);

/** By the field that each must name. */
const REFUSALS: Readonly<Record<string, readonly Refusal[]>> = {
  'line 1': [
    ['an empty file', 'required', ''],
    ['an unknown column', 'unknownField', lines(`${HEADER},pin`)],
    ['no header', 'unknownField', lines(EVENT)],
    ['an empty column name', 'unknownField', lines(`${HEADER},`)],
    ['PSKC', 'unknownField', lines('<?xml version="1.0"?>'.replaceAll('"', ''))],
    ['a line without end', 'tooLong', 'x'.repeat(100_000)],
  ],
  'line 1/digits': [
    ['a missing column', 'required', lines('serial,seed,algorithm,period')],
    ['a column twice', 'duplicate', lines(`${HEADER},digits`)],
  ],
  'line 1/seed': [['no seed', 'required', lines('serial,algorithm,digits,period')]],
  'line 1/seedBase32': [['both kinds of seed', 'oneOf', lines(`${HEADER},seedBase32`)]],
  'line 1/period': [['neither factor', 'required', lines('serial,seed,algorithm,digits')]],
  'line 2': [['a header alone', 'required', lines(HEADER)]],
  'line 3': [
    ['too few fields', 'tooShort', third(`FT1,${HEX},SHA1,6,5`)],
    ['too many fields', 'tooLong', third(`${EVENT},`)],
    ['a quote that is not closed', 'malformed', third(`"FT1,${HEX},SHA1,6,,5`)],
    ['text after a quote', 'malformed', third(`"FT1"x,${HEX},SHA1,6,,5`)],
    ['a quote inside a field', 'malformed', third(`F"T"1,${HEX},SHA1,6,,5`)],
    ['a line end in quotes', 'malformed', third(`"FT\n1",${HEX},SHA1,6,,5`)],
    ['no last line end', 'truncated', lines(HEADER, '') + EVENT],
  ],
  'line 3/serial': [
    ['no serial', 'required', third(`,${HEX},SHA1,6,,5`)],
    ['a serial with other characters', 'badFormat', third(`FT;1,${HEX},SHA1,6,,5`)],
    ['a serial twice', 'duplicate', third(`other,${HEX},SHA1,6,,5`)],
  ],
  'line 3/seed': [
    ['no seed in the line', 'required', third('FT1,,SHA1,6,,5')],
    ['a seed under 128 bits', 'seedTooShort', third(`FT1,${HEX.slice(10)},SHA1,6,,5`)],
    ['a seed over 64 bytes', 'seedTooLong', third(`FT1,${HEX.repeat(4)},SHA1,6,,5`)],
    ['half a byte', 'badFormat', third(`FT1,${HEX}0,SHA1,6,,5`)],
    ['a letter in the seed', 'badFormat', third(`FT1,${HEX}0g,SHA1,6,,5`)],
    ['a field that is too long', 'tooLong', third(`FT1,${'0'.repeat(4098)},SHA1,6,,5`)],
  ],
  'line 3/algorithm': [
    ['no algorithm', 'required', third(`FT1,${HEX},,6,,5`)],
    ['an unknown algorithm', 'unknownAlgorithm', third(`FT1,${HEX},MD5,6,,5`)],
  ],
  'line 3/digits': [
    ['no digits', 'required', third(`FT1,${HEX},SHA1,,,5`)],
    ['five digits', 'tooSmall', third(`FT1,${HEX},SHA1,5,,5`)],
    ['nine digits', 'tooLarge', third(`FT1,${HEX},SHA1,9,,5`)],
    ['digits in words', 'badFormat', third(`FT1,${HEX},SHA1,six,,5`)],
  ],
  'line 3/period': [
    ['a period and a counter', 'oneOf', third(`FT1,${HEX},SHA1,6,30,5`)],
    ['neither in the line', 'oneOf', third(`FT1,${HEX},SHA1,6,,`)],
    ['a period of nothing', 'tooSmall', third(`FT1,${HEX},SHA1,6,0,`)],
    ['a period over an hour', 'tooLarge', third(`FT1,${HEX},SHA1,6,3601,`)],
  ],
  'line 3/counter': [
    ['a counter that is not exact', 'tooLarge', third(`FT1,${HEX},SHA1,6,,9007199254740992`)],
    ['a counter as spreadsheets write it', 'badFormat', third(`FT1,${HEX},SHA1,6,,1E+05`)],
  ],
};

describe('CSV that is refused', () => {
  for (const [field, refusals] of Object.entries(REFUSALS)) {
    for (const [what, code, text] of refusals) {
      it(`for ${what} names ${field}, wherever it is cut`, () => {
        expectRefusal(readPieces(createCsvParser, [text]).error, field, code);
        const pieces = text.match(/[\s\S]{1,7}/g) ?? [];
        expectRefusal(readPieces(createCsvParser, pieces).error, field, code);
      });
    }
  }

  it('names the line of a seed in base32', () => {
    const columns = HEADER.replace('seed', 'seedBase32');
    const text = lines(columns, EVENT.replace(HEX, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ'));
    expectRefusal(readPieces(createCsvParser, [text]).error, 'line 2/seedBase32', 'badFormat');
  });

  it('says nothing of the seed, whichever line is wrong', () => {
    for (const line of [`"${EVENT}`, `FT1,${HEX}0,SHA1,6,,5`, `${HEX}/,FT1,SHA1,6,,5`]) {
      const { error } = readPieces(createCsvParser, [third(line)]);
      const told = JSON.stringify([error, String(error), (error as Error).stack]);
      expect(told).to.include('line 3').and.not.to.include(HEX);
    }
  });
});
