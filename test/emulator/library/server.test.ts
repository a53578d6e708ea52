import { expect } from 'chai';
import { Token } from '../../../emulator/library/token.ts';
import { createOtp } from '../../../shared/otp.ts';
import { parseOtpauth } from '../../../shared/seed-files/otpauth.ts';
import type { Seed } from '../../../shared/types.ts';
import { nodeCrypto } from '../../support/node-crypto.ts';
import { eventToken, fieldOf, RFC_SEED, refusalOf, timeToken } from './tokens.ts';

const otp = createOtp(nodeCrypto);
const sixDigits = { algorithm: 'SHA1', digits: 6 } as const;

/** The code of a moving factor, by Node's HMAC: the library makes its own. */
const codeOf = (factor: number) => otp.code(RFC_SEED as Seed, factor, sixDigits);

describe('Token and a server', () => {
  it('gives its seed, counter and parameters away when it is asked to', () => {
    const token = eventToken().press().press();
    const entry = parseOtpauth(token.seedFile({ format: 'otpauth', issuer: 'A Bank' }));
    expect(entry.serial).to.equal(token.serial);
    expect(entry.issuer).to.equal('A Bank');
    expect(entry.nextCounter).to.equal(2);
    expect([...entry.seed]).to.deep.equal([...RFC_SEED]);
  });

  it('is made from the address of an enrolment page', () => {
    const address =
      'otpauth://totp/Bank:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&period=60';
    const token = Token.fromOtpauth(address, { at: '1970-01-01T00:01:58Z' }).press();
    expect(token.serial).to.equal('ALICE');
    expect(token.display).to.equal('94287082');
    const mailed = address.replace('alice', 'alice%40example.com');
    expect(fieldOf(() => Token.fromOtpauth(mailed))).to.equal('otpauth/label');
    expect(Token.fromOtpauth(mailed, { serial: 'QA-1' }).serial).to.equal('QA-1');
    const events = address.replace('totp', 'hotp').replace('digits=8&period=60', 'counter=9');
    expect(Token.fromOtpauth(events).press().display).to.equal('520489');
  });

  it('a wrong code is no code within the steps, and looks like a mistyped one', () => {
    const token = timeToken().press();
    const wrong = token.wrongCode({ steps: 500 });
    const now = Math.floor(token.at / 30_000);
    const near = Array.from({ length: 1001 }, (_, index) => codeOf(now - 500 + index));
    expect(near).to.contain(token.display).and.not.to.contain(wrong);
    expect(wrong).to.match(/^\d{6}$/);
    expect(Math.abs(Number(wrong) - Number(token.display))).to.be.lessThan(10);
    expect(Token.make({ profile: 'e6' }).wrongCode()).to.match(/^\d{6}$/);
  });

  it('a stale code is the one of so many steps, or presses, ago', () => {
    const token = timeToken();
    const old = token.press().display;
    expect(token.advance('150s').staleCode(5)).to.equal(old);
    const pressed = eventToken().press().press().press();
    expect([pressed.display, pressed.staleCode(1), pressed.staleCode(2)]).to.deep.equal([
      '359152',
      '287082',
      '755224',
    ]);
    expect(refusalOf(() => pressed.staleCode(3)).code).to.equal('notAllowedNow');
    expect(fieldOf(() => token.staleCode(0))).to.equal('steps');
  });

  it('a fresh press waits for a code that was not shown, with time to live', () => {
    const token = timeToken('2026-01-01T00:00:25Z');
    expect(token.pressFresh().at).to.equal(Date.parse('2026-01-01T00:00:25Z'));
    const first = token.code;
    token.pressFresh();
    expect(token.code).not.to.equal(first);
    expect(token.at).to.equal(Date.parse('2026-01-01T00:00:30Z'));
    token.advance('55s').pressFresh({ minRemaining: '8s' });
    expect(token.at).to.equal(Date.parse('2026-01-01T00:01:30Z'));
    expect(fieldOf(() => token.pressFresh({ minRemaining: '31s' }))).to.equal('minRemaining');
    const events = eventToken();
    expect([events.pressFresh().code, events.pressFresh().code]).to.deep.equal([
      '755224',
      '287082',
    ]);
  });

  it('a fresh press finds the end of the step by the clock that the token has', () => {
    const token = timeToken().inject('clockOffset', { seconds: 12 });
    const first = token.pressFresh().code;
    expect(token.pressFresh().at).to.equal(Date.parse('2026-01-01T00:00:18Z'));
    expect(token.code).not.to.equal(first);
  });
});
