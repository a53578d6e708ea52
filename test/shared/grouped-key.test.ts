import { expect } from 'chai';
import fc from 'fast-check';
import { makeGroupedKey, parseGroupedKey } from '../../shared/grouped-key.ts';
import { seededRng } from '../../shared/rng.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const key = fc
  .tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(10, 15, 25))
  .map(([seed, characters]) => makeGroupedKey(seededRng(seed), characters));
const lengthOf = (text: string): number => text.replaceAll('-', '').length;

describe('grouped keys', () => {
  it('come back as they were made, typed in any case, with any spaces and dashes', () => {
    fc.assert(
      fc.property(key, fc.constantFrom('-', ' ', '', '--', ' - '), (text, between) => {
        const typed = text.toLowerCase().replaceAll('-', between);
        expect(parseGroupedKey(typed, lengthOf(text))).to.equal(text);
      }),
    );
  });

  it('are refused with any one character mistyped', () => {
    fc.assert(
      fc.property(key, fc.nat(), fc.constantFrom(...ALPHABET), (text, nth, other) => {
        const plain = [...text.replaceAll('-', '')];
        const place = nth % plain.length;
        fc.pre(plain[place] !== other);
        plain[place] = other;
        expect(parseGroupedKey(plain.join(''), plain.length)).to.equal(undefined);
      }),
    );
  });

  it('are refused with two neighbours swapped, nearly always', () => {
    let [swaps, missed] = [0, 0];
    for (let seed = 0; seed < 500; seed += 1) {
      const plain = makeGroupedKey(seededRng(seed), 25).replaceAll('-', '');
      for (let at = 0; at + 1 < plain.length; at += 1) {
        const [a, b] = [plain.charAt(at), plain.charAt(at + 1)];
        if (a === b) continue;
        swaps += 1;
        const swapped = plain.slice(0, at) + b + a + plain.slice(at + 2);
        if (parseGroupedKey(swapped, 25) !== undefined) missed += 1;
      }
    }
    expect(missed / swaps).to.be.lessThan(0.01);
  });

  it('are refused too short, too long, and with characters of no key', () => {
    const text = makeGroupedKey(seededRng(1), 15);
    for (const bad of ['', text.slice(0, -1), `${text}0`, `${text.slice(0, -1)}U`, `${text}!`]) {
      expect(parseGroupedKey(bad, 15)).to.equal(undefined);
    }
    expect(parseGroupedKey(text, 25)).to.equal(undefined);
    expect(parseGroupedKey(`${' '.repeat(100)}${text}`, 15)).to.equal(undefined);
  });
});
