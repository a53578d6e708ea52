import { expect } from 'chai';
import fc from 'fast-check';
import { createProgress } from '../../../server/cli/progress.ts';

describe('the progress of a file', () => {
  const quiet = { write: () => undefined };

  it('counts its rows wherever the pieces are cut', () => {
    const text =
      '<x><KeyPackage></KeyPackage><KeyPackage a="KeyPackag"></KeyPackage>KeyPKeyPackage';
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const markers = { marker: 'KeyPackage', perRow: 1, besides: 1 };
        const progress = createProgress({ errors: quiet, json: true, ...markers });
        for (let n = 1; n < at.length; n += 1) progress.add(bytes.subarray(at[n - 1], at[n]));
        expect(progress.rows).to.equal(4);
        expect(progress.bytes).to.equal(bytes.length);
      }),
    );
  });

  it('draws a line only when it says something new', () => {
    const written: string[] = [];
    const errors = { isTTY: true, write: (text: string) => written.push(text) };
    const markers = { marker: '\n', perRow: 1, besides: 0 };
    const progress = createProgress({ errors, json: false, bytesTotal: 10_000, ...markers });
    for (let n = 0; n < 10_000; n += 1) progress.add(Buffer.from('\n'));
    expect(written).to.have.length(101);
    expect(written[0]).to.equal(`\r[${'.'.repeat(24)}]   0 %  0.0 of 0.0 MB, 1 tokens`);
    progress.end();
    progress.end();
    expect(written).to.have.length(102);
  });
});
