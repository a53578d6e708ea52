import { expect } from 'chai';
import fc from 'fast-check';
import { formatTime, parseTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';

describe('times', () => {
  const times = [
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00.5Z', 500],
    ['1970-01-01T00:00:00.25Z', 250],
    ['2009-02-13T23:31:30Z', 1_234_567_890_000],
    ['2024-02-29T12:00:00.123Z', 1_709_208_000_123],
    ['1969-12-31T23:59:59.999Z', -1],
  ] as const;
  for (const [text, millis] of times) {
    it(`reads ${text}`, () => {
      expect(parseTime(text)).to.equal(millis);
    });
  }

  const refused = [
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00+01:00',
    '2026-01-01 00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-01T00:00:00.1234Z',
    '2026-01-01T00:00:00Z\n',
    '+020260-01-01T00:00:00Z',
    '1767225600',
    '',
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseTime(text)).to.equal(undefined);
    });
  }

  it('reads back whatever it wrote, in the years 0 to 9999', () => {
    const millis = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(millis, (value) => {
        expect(parseTime(formatTime(value as UnixMillis))).to.equal(value);
      }),
    );
  });
});
