import { expect } from 'chai';
import type { SeedFileFormat } from '../../../shared/seed-files/entry.ts';
import { container, DECIMAL, HOTP, keyPackage, SEED } from './pskc-parts.ts';
import { expectRefusal } from './reading.ts';
import { FIGURE_6_KEY } from './rfc6030.ts';
import { keyOf, read, readWhole, sealed } from './sealing.ts';

const HEX = '3132333435363738393031323334353637383930';
const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('');
const serialNo = (serial: string) => ({ device: `<SerialNo>${serial}</SerialNo>` });
const policy = { afterData: '<Policy><ExpiryDate>2030-01-01T00:00:00Z</ExpiryDate></Policy>' };
const token = (serial: string, content: string) =>
  `<Token serial="${serial}"><Applications><Application>${content}` +
  '</Application></Applications></Token>';
const seed = `<Seed>${HEX}</Seed>`;

interface Case {
  readonly text: string;
  readonly entries: readonly string[];
  /** Row, serial where it was read, field, code. */
  readonly refused: readonly (readonly [number, string | undefined, string, string])[];
}

const CASES: Readonly<Record<string, readonly [SeedFileFormat, Case]>> = {
  'CSV of ours': [
    'csv',
    {
      text: lines(
        'serial,seed,algorithm,digits,counter',
        `A1,${HEX},SHA1,6,0`,
        `A2,${HEX},SHA1,9,0`,
        `A3,${HEX},SHA1,6`,
        `"A4,${HEX},SHA1,6,0`,
        `A1,${HEX},SHA1,6,0`,
        `A6,${HEX},SHA1,6,0`,
        'A7,not a seed,SHA1,6,0',
        // Swapped columns: what stands for the serial is not to be repeated.
        `${HEX},A8,SHA1,6,0`,
      ),
      entries: ['A1', 'A6'],
      refused: [
        [2, 'A2', 'line 3/digits', 'tooLarge'],
        [3, undefined, 'line 4', 'tooShort'],
        [4, undefined, 'line 5', 'malformed'],
        [5, 'A1', 'line 6/serial', 'duplicate'],
        [7, 'A7', 'line 8/seed', 'badFormat'],
        [8, undefined, 'line 9/seed', 'seedTooShort'],
      ],
    },
  ],
  'CSV without a header': [
    'csv',
    {
      text: lines(`P1,${HEX},1`, `P2,${HEX},x`, `P3,${HEX.slice(20)},1`, `P4,${HEX},4`),
      entries: ['P1', 'P4'],
      refused: [
        [2, undefined, 'line 2', 'unknownField'],
        [3, 'P3', 'line 3/seed', 'seedTooShort'],
      ],
    },
  ],
  'CSV of Entra': [
    'csv',
    {
      text: lines(
        'upn,serial number,secret key,time interval,manufacturer,model',
        'a@example.com,E1,not base32!,30,Acme,M1',
        'a@example.com,E2,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,Acme,M1',
      ),
      entries: ['E2'],
      refused: [[1, 'E1', 'line 2/secret key', 'badFormat']],
    },
  ],
  PSKC: [
    'pskc',
    {
      text: container(
        [
          keyPackage(serialNo('A1')),
          keyPackage({ ...serialNo('A2'), format: DECIMAL.replace('6', '5') }),
          keyPackage({ ...serialNo('A3'), ...policy }),
          keyPackage({
            ...serialNo('A4'),
            afterKey: `<Key Id="2" ${HOTP}><Data>${SEED}</Data></Key>`,
          }),
          keyPackage({ ...serialNo('A5'), afterData: '<Surprise><Deep>x</Deep></Surprise>' }),
          keyPackage(serialNo('A/6')),
          keyPackage({ device: `<SerialNo>A7</SerialNo><Model>${'x'.repeat(5000)}</Model>` }),
          keyPackage(serialNo('A1')),
          keyPackage(serialNo('A9')),
        ].join('\n'),
      ),
      entries: ['A1', 'A9'],
      refused: [
        [2, 'A2', 'KeyPackage 2/ResponseFormat', 'tooSmall'],
        [3, 'A3', 'KeyPackage 3/ExpiryDate', 'unsupported'],
        [4, 'A4', 'KeyPackage 4/Key', 'tooMany'],
        [5, 'A5', 'KeyPackage 5/Key', 'unknownField'],
        [6, undefined, 'KeyPackage 6/Serial', 'badFormat'],
        [7, undefined, 'KeyPackage 7/Model', 'tooLong'],
        [8, 'A1', 'KeyPackage 8/Serial', 'duplicate'],
      ],
    },
  ],
  'SafeNet XML': [
    'safenet',
    {
      text: [
        '<Tokens>',
        token('A1', seed),
        token('A2', ''),
        token('A3', seed + seed),
        token('A4', seed),
        '</Tokens>',
      ].join(''),
      entries: ['A1', 'A4'],
      refused: [
        [2, 'A2', 'Token 2/Seed', 'required'],
        [3, 'A3', 'Token 3/Seed', 'tooMany'],
      ],
    },
  ],
};

describe('tokens that cannot be read', () => {
  for (const [what, [format, { text, entries, refused }]] of Object.entries(CASES)) {
    it(`of ${what} are passed over one by one`, async () => {
      for (const pieces of [[text], text.match(/[\s\S]{1,7}/g) ?? []]) {
        const reading = await read(format, pieces, { partial: true });
        expect(reading.error).to.equal(undefined);
        expect(reading.entries.map(({ serial }) => serial)).to.deep.equal(entries);
        const rows = reading.refused.map(({ row, serial, field, code }) => [
          row,
          serial,
          field,
          code,
        ]);
        expect(rows).to.deep.equal(refused);
        for (const { reason } of reading.refused) {
          expect(reason).to.match(/\.$/).and.not.to.include(HEX.slice(0, 16));
        }
      }
    });

    it(`of ${what} refuse the file when nobody listens`, async () => {
      const [, , field = '', code = ''] = refused[0] ?? [];
      const reading = await read(format, [text]);
      expectRefusal(reading.error, field, code as Parameters<typeof expectRefusal>[2]);
      expect(reading.entries.length).to.be.lessThan(entries.length);
    });
  }

  it('of an encrypted file are passed over where their MAC is good', async () => {
    const key = keyOf(FIGURE_6_KEY);
    const all = await readWhole('csv', [
      lines('serial,seed,algorithm,digits,counter', `A1,${HEX},SHA1,6,0`, `A2,${HEX},SHA1,7,0`),
    ]);
    const text = (await sealed(all, key)).replace('Length="6"', 'Length="16"');
    const { entries, refused, error } = await read('pskc', [text], { key, partial: true });
    expect(error).to.equal(undefined);
    expect(entries.map(({ serial }) => serial)).to.deep.equal(['A2']);
    expect(refused.map(({ serial, code }) => [serial, code])).to.deep.equal([['A1', 'tooLarge']]);
  });
});
