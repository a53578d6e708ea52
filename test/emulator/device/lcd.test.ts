import { expect } from 'chai';
import fc from 'fast-check';
import {
  countdownMarks,
  darkFrame,
  READABLE_CONTRAST,
  readCells,
  readFrame,
  segmentsOf,
} from '../../../emulator/device/lcd.ts';
import { GLYPHS } from '../../../firmware-spec/display.ts';

const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });

describe('emulator/device/lcd', () => {
  it('reads every string of digits off its segments', () => {
    fc.assert(
      fc.property(digits(12), fc.nat(4), (text, spare) => {
        const cells = segmentsOf(text, text.length + spare);
        expect(cells).to.have.length(text.length + spare);
        expect(readCells(cells)).to.equal(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads every sign but S off its segments', () => {
    for (const sign of GLYPHS.keys()) {
      if (sign === 'S') continue;
      expect(readCells(segmentsOf(sign, 8))).to.equal(sign.trim());
    }
  });

  it('reads what real tokens say (FS-22)', () => {
    for (const text of ['Err', 'bAtt 75', 'bAtt 5', 'diSAbLEd', '------', '88888888', 'FAIL 3']) {
      expect(readCells(segmentsOf(text, 8))).to.equal(text);
    }
  });

  it('reads 5 alone as a digit and in a word as a letter (FS-22)', () => {
    expect(readCells(segmentsOf('S', 8))).to.equal('5');
    expect(readCells(segmentsOf('LoSt 5', 8))).to.equal('LoSt 5');
  });

  it('reads segments that are no sign as ?', () => {
    expect(readCells([0b0000110, 0b1000001, 0b1011011])).to.equal('1?2');
  });

  it('stands in the middle, the odd blank on the right (FS-21)', () => {
    const one = GLYPHS.get('1');
    expect(segmentsOf('11', 6)).to.deep.equal([0, 0, one, one, 0, 0]);
    expect(segmentsOf('1', 4)).to.deep.equal([0, one, 0, 0]);
  });

  it('cuts what does not fit and leaves blank what it cannot show (FS-20)', () => {
    expect(readCells(segmentsOf('123456789', 8))).to.equal('12345678');
    expect(readCells(segmentsOf('1é2', 3))).to.equal('1 2');
  });

  it('says nothing while it is dark', () => {
    const dark = darkFrame({ cells: 8, marksMax: 6 });
    expect(readFrame(dark)).to.equal('');
    expect(readFrame({ ...dark, cells: segmentsOf('123456', 8) })).to.equal('');
    expect(readFrame({ ...dark, lit: true, cells: segmentsOf('123456', 8) })).to.equal('123456');
  });

  describe('upside down', () => {
    const turned = (text: string, cells = text.length) =>
      readFrame({
        ...darkFrame({ cells, marksMax: 0 }),
        lit: true,
        rotated: true,
        cells: segmentsOf(text, cells),
      });

    it('makes of every digit what it looks like (FS-97)', () => {
      const seen = [...'0123456789'].map((digit) => turned(digit)).join('');
      expect(seen).to.equal('012Eh59L86');
    });

    it('is read from back to front, blanks at either end left out (FS-97)', () => {
      expect(turned('127540')).to.equal('0h5L21');
      expect(turned('4225421', 8)).to.equal('12h522h');
      expect(turned('------', 8)).to.equal('------');
      expect(turned('1 6', 8)).to.equal('9 1');
      expect(turned('_')).to.equal('?');
    });

    it('turned twice is what it was, for digits that stay digits (FS-97)', () => {
      const symmetrical = fc.string({ unit: fc.constantFrom(...'0125689'), minLength: 1 });
      fc.assert(
        fc.property(symmetrical, (text) => {
          expect(turned(turned(text))).to.equal(text);
        }),
      );
    });
  });

  it('says nothing when it is too faint, and all of it when it is not (FS-97)', () => {
    const lit = { ...darkFrame({ cells: 8, marksMax: 0 }), lit: true };
    const read = (contrast: number) =>
      readFrame({ ...lit, contrast, cells: segmentsOf('123456', 8) });
    expect(read(READABLE_CONTRAST - 0.001)).to.equal('');
    expect(read(READABLE_CONTRAST)).to.equal('123456');
  });

  it('has six marks at the start of a 30 s step and loses one every 5 s (FS-23)', () => {
    const at = (seconds: number) =>
      countdownMarks(seconds * 1000, { stepSeconds: 30, marksMax: 6 });
    expect([0, 4.999, 5, 9.999, 10, 15, 20, 25, 29.999, 30].map(at)).to.deep.equal([
      6, 6, 5, 5, 4, 3, 2, 1, 1, 6,
    ]);
    expect(countdownMarks(12_345, { stepSeconds: 30, marksMax: 0 })).to.equal(0);
  });
});
