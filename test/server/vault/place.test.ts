import { expect } from 'chai';
import fc from 'fast-check';
import { createPlace } from '../../../server/vault/place.ts';

describe('a place for texts as bytes', () => {
  for (const encoding of ['base64url', 'latin1', 'utf8'] as const) {
    it(`holds what a buffer of its own would, ${encoding}, text after text`, () => {
      const bytesOf = createPlace(encoding, (bytes) => bytes);
      const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 2000 }));
      fc.assert(
        fc.property(text, (given) => {
          expect(bytesOf(given)).to.deep.equal(Buffer.from(given, encoding));
        }),
        { numRuns: 1000 },
      );
    });
  }

  it('is the same for all but the longest texts, and looked at once for each length', () => {
    let looks = 0;
    const bytesOf = createPlace('latin1', (bytes) => {
      looks += 1;
      return bytes;
    });
    expect(bytesOf('one')).to.equal(bytesOf('two'));
    expect(looks).to.equal(1);
    expect(bytesOf('x'.repeat(5000))).to.have.length(5000);
    expect(bytesOf('one').toString()).to.equal('one');
  });
});
