import { expect } from 'chai';
import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { maskNumber, parseNumber, regionOf } from '../../../server/phones/number.ts';
import { FobtwinError } from '../../../shared/errors.ts';

const refusalOf = (...given: Parameters<typeof parseNumber>): FobtwinError => {
  try {
    parseNumber(...given);
  } catch (error) {
    if (error instanceof FobtwinError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

/** A mobile number of each country that has any. */
const MOBILES = getCountries().flatMap((country) => {
  const example = getExampleNumber(country, examples);
  return example === undefined ? [] : [{ country, number: example.number as string }];
});
const mobile = fc.constantFrom(...MOBILES);
const separator = fc.constantFrom('', ' ', '-', '.', '(', ') ', '/', '–', ' ');

describe('phone numbers', () => {
  it('accepts separators in a number and normalises it to E.164', () => {
    for (const text of ['(202) 555-0123', '202.555.0123', '+1 202 555 0123', '2025550123']) {
      expect(parseNumber(text, 'US', 'text')).to.deep.equal({
        number: '+12025550123',
        country: 'US',
      });
    }
  });

  it('reads a number the same however its digits are separated', () => {
    fc.assert(
      fc.property(mobile, fc.array(separator, { minLength: 20, maxLength: 20 }), (of, between) => {
        const digits = [...of.number.slice(1)];
        const spelled = `+${digits.map((digit, place) => between[place] + digit).join('')}`;
        expect(parseNumber(spelled, of.country, 'voice').number).to.equal(of.number);
      }),
    );
  });

  it('takes a mobile number of every country for a text, and only as that country’s', () => {
    expect(MOBILES.length).to.be.greaterThan(230);
    for (const { country, number } of MOBILES) {
      const read = () => parseNumber(number, country, 'voice');
      expect(read, `${country} ${number}`).not.to.throw();
      const other = country === 'FR' ? 'DE' : 'FR';
      expect(refusalOf(number, other, 'voice').code).to.equal('phoneUnusable');
    }
  });

  it('never takes what is no number, and says only so', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80, unit: 'binary' }), (text) => {
        try {
          expect(parseNumber(text, 'US', 'text').number).to.match(/^\+1\d{10}$/);
        } catch (error) {
          expect((error as FobtwinError).code).to.equal('phoneUnusable');
        }
      }),
    );
  });

  const refused = [
    ['a number with letters', '1-800-CALL-NOW', 'US', 'voice'],
    ['an extension', '+1 202 555 0123 ext. 4', 'US', 'voice'],
    ['too few digits', '202 555', 'US', 'text'],
    ['a premium number', '900 555 1234', 'US', 'voice'],
    ['a premium number of Germany', '0900 1 123456', 'DE', 'voice'],
    ['a shared-cost number', '0843 012 3456', 'GB', 'voice'],
    ['a personal number', '070 1234 5678', 'GB', 'voice'],
    ['a toll-free number', '800 234 5678', 'US', 'voice'],
    ['a number of another country', '787 765 1234', 'US', 'text'],
    ['a country that is none', '202 555 0123', 'XX', 'text'],
    ['more text than any number has', `+1 202 555 0123${' '.repeat(60)}`, 'US', 'text'],
  ] as const;
  for (const [what, text, country, kind] of refused) {
    it(`refuses ${what}`, () => {
      const error = refusalOf(text, country, kind);
      expect(error.code).to.equal('phoneUnusable');
      expect(error.errors).to.deep.equal([{ field: '/number', code: 'badFormat' }]);
      expect(error.nextStep).to.be.a('string');
      expect(error.message).not.to.match(/\d{3}/);
    });
  }

  it('takes a landline for voice, and says so where a text was chosen', () => {
    expect(parseNumber('020 7946 0018', 'GB', 'voice').number).to.equal('+442079460018');
    expect(refusalOf('020 7946 0018', 'GB', 'text').nextStep).to.contain('Voice Only');
  });

  it('counts the District of Columbia as domestic, and the territories as international', () => {
    expect(parseNumber('202 555 0123', 'US', 'text')).to.have.property('country', 'US');
    expect(regionOf('US')).to.equal('domestic');
    const territories = { PR: '787 765 1234', GU: '671 300 1234', VI: '340 642 1234' };
    for (const [country, number] of Object.entries(territories)) {
      expect(parseNumber(number, country, 'text').number).to.match(/^\+1/);
      expect(regionOf(country)).to.equal('international');
    }
    for (const country of ['AS', 'MP', 'GB', 'CA']) {
      expect(regionOf(country)).to.equal('international');
    }
  });

  it('shows the country’s code and three digits of a masked number', () => {
    expect(maskNumber('+12025550123')).to.equal('+1 •••• •••123');
    expect(maskNumber('+447400123456')).to.equal('+44 •••• •••456');
    for (const { number } of MOBILES) {
      const shown = maskNumber(number).replace(/\D/g, '').length;
      expect(shown).to.be.at.most(6);
    }
  });
});
