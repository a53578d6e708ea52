import { expect } from 'chai';
import fc from 'fast-check';
import { isSameName, requireName } from '../../../server/proofing/legal-name.ts';

describe('legal names', () => {
  const SAME: readonly (readonly [string, string, string])[] = [
    ['case', 'JENNIFER BLUE', 'Jennifer Blue'],
    ['white space', '  Jennifer \t Blue ', 'Jennifer Blue'],
    ['the composition of letters', 'Zoe\u0308 Blue', 'Zo\u00eb Blue'],
    [
      'signs that turn the text, as older accounts have them',
      'Jen\u200f \u202aBlue\u202c',
      'Jen Blue',
    ],
    ['case that changes the length', 'GROSS', 'Gro\u00df'],
    [
      'the two small sigmas',
      '\u03a3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c2',
      '\u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3',
    ],
  ];
  for (const [what, a, b] of SAME) {
    it(`are the same whatever ${what} says`, () => {
      expect(isSameName(a, b)).to.equal(true);
      expect(isSameName(b, a)).to.equal(true);
    });
  }

  const OTHER: readonly (readonly [string, string, string])[] = [
    ['accents', 'Zoe Blue', 'Zo\u00eb Blue'],
    ['order', 'Blue Jennifer', 'Jennifer Blue'],
    ['middle names', 'Jennifer Marie Blue', 'Jennifer Blue'],
    ['initials', 'J. Blue', 'Jennifer Blue'],
    ['one letter', 'Jenifer Blue', 'Jennifer Blue'],
    ['hyphens', 'Anne Marie Blue', 'Anne-Marie Blue'],
    ['missing space', 'JenniferBlue', 'Jennifer Blue'],
    ['letters that look alike', 'J\u0435nnifer Blue', 'Jennifer Blue'],
    ['compatibility forms', '\uff2aennifer Blue', 'Jennifer Blue'],
  ];
  for (const [what, a, b] of OTHER) {
    it(`are never matched loosely: ${what}`, () => {
      expect(isSameName(a, b)).to.equal(false);
    });
  }

  it('are the same as themselves in any case and composition', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (name) => {
        expect(isSameName(name, name.normalize('NFD'))).to.equal(true);
        expect(isSameName(name, name.toUpperCase())).to.equal(true);
        expect(isSameName(name, ` ${name}  `)).to.equal(true);
      }),
    );
  });

  it('must stand in the account first', () => {
    expect(() => requireName({}, 'Jennifer Blue')).to.throw(/no legal name yet/);
    expect(requireName({ legalName: 'Jennifer Blue' }, 'JENNIFER BLUE')).to.equal('Jennifer Blue');
  });
});
