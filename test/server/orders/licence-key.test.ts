import { expect } from 'chai';
import fc from 'fast-check';
import {
  type LicenceKey,
  licenceKeyKey,
  makeLicenceKey,
  parseLicenceKey,
} from '../../../server/orders/licence-key.ts';
import { CROCKFORD } from '../../../shared/crockford.ts';
import { RNG } from './room.ts';

const bytes = fc.uint8Array({ minLength: 24, maxLength: 24 });
const keys = bytes.map((drawn) => makeLicenceKey({ bytes: () => drawn, uniform: () => 0 }));
const plain = (key: string): string => key.replaceAll('-', '');
const others = (character: string): string[] => [...CROCKFORD].filter((each) => each !== character);

describe('licence keys', () => {
  it('are five groups of five characters that nobody takes for others', () => {
    for (let count = 0; count < 100; count += 1) {
      expect(makeLicenceKey(RNG)).to.match(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
    }
  });

  it('are read as people type them', () => {
    fc.assert(
      fc.property(keys, fc.constantFrom(' ', '-', ''), (key, between) => {
        const typed = plain(key).replaceAll('0', 'o').replaceAll('1', 'l').toLowerCase();
        const spaced = (typed.match(/.{1,4}/g) ?? []).join(between);
        expect(parseLicenceKey(` ${spaced}\n`)).to.equal(key);
      }),
    );
  });

  it('show every single mistyped character, wherever it stands', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const characters = plain(key);
        for (const [place, character] of [...characters].entries()) {
          for (const wrong of others(character)) {
            const typed = characters.slice(0, place) + wrong + characters.slice(place + 1);
            expect(parseLicenceKey(typed), `${key} as ${typed}`).to.equal(undefined);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('show about 499 of 500 swaps of two neighbours', () => {
    let swaps = 0;
    let missed = 0;
    fc.assert(
      fc.property(keys, (key) => {
        const characters = plain(key);
        for (let place = 0; place + 1 < characters.length; place += 1) {
          const [a = '', b = ''] = characters.slice(place, place + 2);
          if (a === b) continue;
          const typed = characters.slice(0, place) + b + a + characters.slice(place + 2);
          swaps += 1;
          if (parseLicenceKey(typed) !== undefined) missed += 1;
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
    expect(swaps).to.be.greaterThan(40_000);
    expect(missed / swaps, `${missed} of ${swaps}`).to.be.within(0.001, 0.003);
  });

  it('are no keys when they are too short, too long or of other characters', () => {
    const key = makeLicenceKey(RNG);
    for (const text of ['', key.slice(1), `${key}0`, key.replace(/^./, 'U'), 'x'.repeat(101)]) {
      expect(parseLicenceKey(text), text).to.equal(undefined);
    }
  });

  it('are kept as a keyed hash: a stolen database yields none', () => {
    const key = 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA' as LicenceKey;
    const [one, other] = [1, 2].map((fill) => licenceKeyKey(key, new Uint8Array(32).fill(fill)).id);
    expect(one)
      .to.match(/^[0-9a-f]{64}$/)
      .and.not.equal(other);
  });
});
