import { expect } from 'chai';
import fc from 'fast-check';
import { BASE32_TEXT_MAX, decodeBase32, encodeBase32 } from '../../shared/base32.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('base32', () => {
  it('has the vectors of RFC 4648 section 10', () => {
    const vectors = [
      ['', ''],
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foo', 'MZXW6'],
      ['foob', 'MZXW6YQ'],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI'],
    ] as const;
    for (const [plain, encoded] of vectors) {
      expect(encodeBase32(bytesOf(plain))).to.equal(encoded);
      expect(decodeBase32(encoded)).to.deep.equal(bytesOf(plain));
    }
  });

  it('reads back whatever it wrote, padded, grouped and in lower case too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const text = encodeBase32(bytes);
        const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '=');
        const grouped = text.replace(/.{4}/g, '$& ').toLowerCase();
        for (const written of [text, padded, grouped, text.replace(/.{3}/g, '$&-')]) {
          expect(decodeBase32(written)).to.deep.equal(bytes);
        }
      }),
    );
  });

  const refused: readonly (readonly [string, string])[] = [
    ['a length that no bytes have', 'A'],
    ['a length that no bytes have, of three', 'AAA'],
    ['a length that no bytes have, of six', 'AAAAAA'],
    ['bits after the last byte', 'MZXW7'],
    ['padding in the middle', 'MZ==XW6='],
    ['too much padding', 'MZXW6===='],
    ['too little padding', 'MZXW6='],
    ['padding alone', '========'],
    ['a digit that is not in the alphabet', 'MZXW1'],
    ['a line end', 'MZXW6\n'],
    ['a letter that upper case turns into two', 'MZXß'],
    ['a text that is too long', 'A'.repeat(BASE32_TEXT_MAX + 8)],
  ];
  for (const [what, text] of refused) {
    it(`refuses ${what}`, () => {
      expect(decodeBase32(text)).to.equal(undefined);
    });
  }

  it('reads no two texts of the same letters as different bytes', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'AB27MZ=- '), maxLength: 24 });
    fc.assert(
      fc.property(letters, (text) => {
        const bytes = decodeBase32(text);
        if (bytes === undefined) return;
        expect(encodeBase32(bytes)).to.equal(text.replace(/[ =-]/g, ''));
      }),
    );
  });
});
