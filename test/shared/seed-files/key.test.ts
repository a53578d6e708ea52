import { expect } from 'chai';
import fc from 'fast-check';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import { formatKeyHeader, parseKeyHeader, parseKeyText } from '../../../shared/seed-files/key.ts';
import { createSeedFileParser } from '../../../shared/seed-files/parser.ts';
import { formatPskc } from '../../../shared/seed-files/pskc-writer.ts';
import { canSniff, SNIFFED_CHARACTERS, sniffFormat } from '../../../shared/seed-files/sniff.ts';
import { arbitraryEntries } from './arbitrary-entries.ts';
import { expectRefusal, thrown } from './reading.ts';
import { keyOf, passphrase } from './sealing.ts';

describe('the key of a seed file', () => {
  const keys = fc.oneof(
    fc
      .constantFrom(16, 24, 32)
      .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
      .map(keyOf),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map(passphrase),
  );

  it('comes through a header as it was, in ASCII', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const value = formatKeyHeader(key);
        expect(value).to.match(/^[!-~]+$/);
        expect(parseKeyHeader(value)).to.deep.equal(key);
      }),
    );
  });

  it('is read from a file: hexadecimal with white space, or a line', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index);
    const text = ' 00010203 04050607\r\n08090A0B 0c0d0e0f\n';
    expect(parseKeyText(text, 'key')).to.deep.equal(keyOf(bytes));
    for (const [line, expected] of [
      ['geheim\n', 'geheim'],
      ['geheim\r\n', 'geheim'],
      [' ge heim ', ' ge heim '],
      ['geheim\n\n', 'geheim\n'],
    ] as const) {
      expect(parseKeyText(line, 'passphrase')).to.deep.equal(passphrase(expected));
    }
  });

  it('is refused without being repeated', () => {
    const hex = '00'.repeat(16);
    const refused: readonly (() => unknown)[] = [
      () => parseKeyText('', 'key'),
      () => parseKeyText(`${hex}0`, 'key'),
      () => parseKeyText(`${hex}00`, 'key'),
      () => parseKeyText('secretsecretsecretsecretsecretse', 'key'),
      () => parseKeyText(hex.repeat(200), 'key'),
      () => parseKeyText('\n', 'passphrase'),
      () => parseKeyText('s'.repeat(1025), 'passphrase'),
      () => parseKeyText('secret\ud800', 'passphrase'),
      () => parseKeyHeader('secret'),
      () => parseKeyHeader('key='),
      () => parseKeyHeader('passphrase='),
      () => parseKeyHeader('passphrase=secret%'),
      () => parseKeyHeader('passphrase=secret%ff'),
    ];
    for (const attempt of refused) {
      const error = thrown(attempt);
      expect(error).to.have.property('code', 'invalidInput');
      expect(error).to.have.deep.property('errors', [{ field: 'key', code: 'badFormat' }]);
      expect(`${String(error)} ${(error as Error).stack?.split('\n')[0]}`).not.to.include('secret');
    }
  });

  it('is for PSKC alone', () => {
    for (const format of ['csv', 'safenet'] as const) {
      const create = () => createSeedFileParser(format, () => {}, { key: passphrase('x') });
      expectRefusal(thrown(create), 'key', 'notAllowed');
    }
  });
});

describe('the format of a seed file', () => {
  const cases: readonly (readonly [string, ReturnType<typeof sniffFormat>])[] = [
    ['<Tokens>', 'safenet'],
    ['\uFEFF<?xml version="1.0"?>\n<!-- of: <KeyContainer> --> <Tokens xmlns="x">', 'safenet'],
    ['<s:Tokens >', 'safenet'],
    ['<pskc:KeyContainer >', 'pskc'],
    ['<?xml version="1.0"?><html>', 'pskc'],
    ['serial,seed\n', 'csv'],
    [`# <Tokens>\nA1,00\n`, 'csv'],
  ];
  for (const [text, format] of cases) {
    it(`is ${format} for ${JSON.stringify(text).slice(0, 40)}`, () => {
      expect(sniffFormat(text)).to.equal(format);
      expect(canSniff(text)).to.equal(true);
    });
  }

  it('is not told from too little', () => {
    for (const text of [
      '',
      ' \n',
      '<',
      '<?xml version',
      '<?xml?><!-- <Tokens>',
      '<Tok',
      '<s:Tokens',
    ]) {
      expect(canSniff(text), text).to.equal(false);
    }
    expect(canSniff('<'.padEnd(SNIFFED_CHARACTERS, ' '))).to.equal(true);
  });

  it('is that of whatever we write', () => {
    fc.assert(
      fc.property(arbitraryEntries(), (entries) => {
        expect(sniffFormat(formatPskc(entries))).to.equal('pskc');
        expect(sniffFormat(formatCsv(entries))).to.equal('csv');
      }),
      { numRuns: 20 },
    );
  });
});
