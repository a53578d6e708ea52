import { expect } from 'chai';
import fc from 'fast-check';
import type { FieldErrorCode, FobtwinError } from '../../../shared/errors.ts';
import { formatOtpauth, parseOtpauth } from '../../../shared/seed-files/otpauth.ts';
import { arbitraryEntry, change } from './arbitrary-entries.ts';
import { expectHarmless, expectRefusal, thrown } from './reading.ts';

const SECRET = 'secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const SEED = new TextEncoder().encode('12345678901234567890');
const time = { type: 'time', algorithm: 'SHA1', digits: 6, stepSeconds: 30 };

describe('otpauth addresses', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(arbitraryEntry(['issuer']), (entry) => {
        expect(parseOtpauth(formatOtpauth(entry))).to.deep.equal(entry);
      }),
    );
  });

  it('survive any changed character', () => {
    fc.assert(
      fc.property(arbitraryEntry(['issuer']), change, (entry, changed) => {
        const reading = attempt(changed(formatOtpauth(entry)));
        expectHarmless(reading, [entry]);
      }),
      { numRuns: 1000 },
    );
  });

  it('are written without a plus for a space', () => {
    fc.assert(
      fc.property(arbitraryEntry(['issuer']), (entry) => {
        expect(formatOtpauth(entry)).to.match(/^otpauth:\/\/[a-z]+\/[^+\s]+$/);
      }),
    );
  });

  it('stand for what the Key URI format says where they say nothing', () => {
    expect(parseOtpauth(`otpauth://totp/ft%201?${SECRET}`)).to.deep.equal({
      serial: 'FT1',
      seed: SEED,
      parameters: time,
      nextCounter: 0,
    });
  });

  it('take the issuer from the parameter rather than from the label', () => {
    const label = 'ACME%20Co:ft1';
    expect(parseOtpauth(`otpauth://totp/${label}?${SECRET}`)).to.deep.include({
      issuer: 'ACME Co',
    });
    const both = parseOtpauth(`otpauth://totp/${label}?${SECRET}&issuer=B`);
    expect(both).to.deep.include({ serial: 'FT1', issuer: 'B' });
  });

  it('may be written in capitals, and carry a picture', () => {
    const entry = parseOtpauth(
      ` OTPAUTH://HOTP/FT1?${SECRET}&counter=7&image=https%3A%2F%2Fx.test\n`,
    );
    const event = { type: 'event', algorithm: 'SHA1', digits: 6 };
    expect(entry).to.deep.include({ parameters: event, nextCounter: 7 });
  });

  it('are not written with half a character', () => {
    const entry = parseOtpauth(`otpauth://totp/FT1?${SECRET}`);
    const error = thrown(() => formatOtpauth({ ...entry, issuer: '\ud800' }));
    expectRefusal(error, 'otpauth/issuer', 'badFormat');
  });

  const totp = (query: string) => `otpauth://totp/FT1?${query}`;
  const refusals: readonly (readonly [string, FieldErrorCode, string])[] = [
    ['otpauth', 'malformed', ''],
    ['otpauth', 'malformed', 'FT1'],
    ['otpauth', 'malformed', `https://totp/FT1?${SECRET}`],
    ['otpauth', 'tooLong', totp(`${SECRET}&issuer=${'x'.repeat(5000)}`)],
    ['otpauth/type', 'unknownAlgorithm', `otpauth://steam/FT1?${SECRET}`],
    ['otpauth/label', 'required', `otpauth://totp/?${SECRET}`],
    ['otpauth/label', 'required', `otpauth://totp/ACME:?${SECRET}`],
    ['otpauth/label', 'malformed', `otpauth://totp/%E0%A4%A?${SECRET}`],
    ['otpauth/label', 'badFormat', `otpauth://totp/me@example.com?${SECRET}`],
    ['otpauth/secret', 'required', 'otpauth://totp/FT1'],
    ['otpauth/secret', 'badFormat', totp('secret=10')],
    ['otpauth/secret', 'seedTooShort', totp('secret=JBSWY3DPEHPK3PXP')],
    ['otpauth/secret', 'seedTooLong', totp(`secret=${'A'.repeat(104)}`)],
    ['otpauth/secret', 'tooMany', totp(`${SECRET}&${SECRET}`)],
    ['otpauth/algorithm', 'unknownAlgorithm', totp(`${SECRET}&algorithm=MD5`)],
    ['otpauth/digits', 'tooSmall', totp(`${SECRET}&digits=5`)],
    ['otpauth/digits', 'tooLarge', totp(`${SECRET}&digits=10`)],
    ['otpauth/period', 'tooSmall', totp(`${SECRET}&period=0`)],
    ['otpauth/period', 'badFormat', totp(`${SECRET}&period=30s`)],
    ['otpauth/counter', 'required', `otpauth://hotp/FT1?${SECRET}`],
    ['otpauth/counter', 'tooSmall', `otpauth://hotp/FT1?${SECRET}&counter=-1`],
  ];
  for (const [field, code, uri] of refusals) {
    it(`are refused for ${field}: ${code} (${uri.slice(0, 40)})`, () => {
      const { error } = attempt(uri);
      expectRefusal(error, field, code);
      expect((error as FobtwinError).message).not.to.include('GEZDGNBV');
    });
  }
});

function attempt(uri: string) {
  try {
    return { entries: [parseOtpauth(uri)], error: undefined };
  } catch (error) {
    return { entries: [], error };
  }
}
