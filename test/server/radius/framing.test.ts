import { expect } from 'chai';
import fc from 'fast-check';
import { createFraming } from '../../../server/radius/framing.ts';

const packet = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length).fill(length % 251);
  new DataView(bytes.buffer).setUint16(2, length);
  return bytes;
};

describe('radius: framing', () => {
  it('finds every packet again, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 20, max: 4096 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
        (lengths, cuts) => {
          const found: number[] = [];
          const { push } = createFraming((bytes) => {
            expect([...bytes]).to.deep.equal([...packet(bytes.length)]);
            found.push(bytes.length);
            return true;
          });
          let rest: Uint8Array = Buffer.concat(lengths.map(packet));
          for (let turn = 0; rest.length > 0; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            expect(push(rest.subarray(0, size))).to.equal('good');
            rest = rest.subarray(size);
          }
          expect(found).to.deep.equal(lengths);
        },
      ),
      { numRuns: 100 },
    );
  });

  for (const [length, verdict] of [
    [0, 'lengthLies'],
    [19, 'lengthLies'],
    [4097, 'tooLong'],
    [65_535, 'tooLong'],
  ] as const) {
    it(`ends with a length of ${length}, and hands on what came before`, () => {
      let found = 0;
      const { push } = createFraming(() => {
        found += 1;
        return true;
      });
      const lie = Uint8Array.of(1, 1, length >> 8, length & 255);
      expect(push(Buffer.concat([packet(20), lie, packet(20)]))).to.equal(verdict);
      expect(found).to.equal(1);
    });
  }

  it('hands on no more once it is told to stop', () => {
    let found = 0;
    const { push } = createFraming(() => {
      found += 1;
      return found < 2;
    });
    push(Buffer.concat([packet(20), packet(20), packet(20)]));
    expect(found).to.equal(2);
  });
});
