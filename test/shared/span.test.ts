import { expect } from 'chai';
import fc from 'fast-check';
import { parseSpan, SPAN_MILLIS_MAX } from '../../shared/span.ts';

describe('spans', () => {
  const spans = [
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    [`${SPAN_MILLIS_MAX}ms`, SPAN_MILLIS_MAX],
    ['100000000d', SPAN_MILLIS_MAX],
  ] as const;
  for (const [text, millis] of spans) {
    it(`reads ${text}`, () => {
      expect(parseSpan(text)).to.equal(millis);
    });
  }

  const refused = [
    '',
    '30',
    's',
    '-1s',
    '+1s',
    '1.5h',
    '01s',
    '1e3s',
    '30S',
    ' 30s',
    '30s\n',
    '1w',
  ];
  for (const text of [...refused, '１s', '100000001d', '99999999999999999s']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseSpan(text)).to.equal(undefined);
    });
  }

  it('gives an integer within its limit, or nothing', () => {
    const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd');
    fc.assert(
      fc.property(fc.maxSafeNat(), unit, (amount, name) => {
        const millis = parseSpan(`${amount}${name}`);
        if (millis === undefined) return;
        expect(millis).to.satisfy(Number.isSafeInteger);
        expect(millis).to.be.within(0, SPAN_MILLIS_MAX);
      }),
    );
  });
});
