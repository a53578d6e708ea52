import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import {
  activationCodeMac,
  issuedActivation,
  makeActivationText,
  parseActivationText,
} from '../../../server/credentials/activation-code.ts';
import type { AccountId, UnixMillis } from '../../../shared/types.ts';

const rng = { bytes: (length: number) => randomBytes(length), uniform: () => 0.5 };
const KEY = new Uint8Array(32).fill(7);
const JEN = 'jen' as AccountId;

describe('activation codes', () => {
  it('are fifteen characters in groups of five, read as people type them', () => {
    const code = makeActivationText(rng);
    expect(code).to.match(/^([0-9A-HJKMNP-TV-Z]{5}-){2}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(parseActivationText(` ${code.toLowerCase().replaceAll('-', ' ')} `)).to.equal(code);
    expect(parseActivationText(code.replaceAll('1', 'l').replaceAll('0', 'o'))).to.equal(code);
  });

  it('are another each time', () => {
    const codes = new Set(Array.from({ length: 1000 }, () => makeActivationText(rng)));
    expect(codes.size).to.equal(1000);
  });

  it('are hashed with the account and under the key', () => {
    const code = makeActivationText(rng);
    const mac = activationCodeMac(JEN, code, KEY);
    expect(mac)
      .to.match(/^[0-9a-f]{64}$/)
      .and.equal(activationCodeMac(JEN, code, KEY));
    expect(activationCodeMac('max' as AccountId, code, KEY)).not.to.equal(mac);
    expect(activationCodeMac(JEN, makeActivationText(rng), KEY)).not.to.equal(mac);
    expect(activationCodeMac(JEN, code, new Uint8Array(32))).not.to.equal(mac);
  });

  it('live seven days and five attempts', () => {
    const at = Date.UTC(2026, 0, 1) as UnixMillis;
    const expiresAt = Date.UTC(2026, 0, 8);
    expect(issuedActivation('ab', at)).to.deep.equal({ mac: 'ab', expiresAt, attemptsLeft: 5 });
  });
});
