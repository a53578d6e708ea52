import { expect } from 'chai';
import type { ProvedBy } from '../../../server/access/scopes.ts';
import { hasVouched } from '../../../server/credentials/vouching.ts';
import type { AccountId, CredentialId, Serial } from '../../../shared/types.ts';
import { person } from './room.ts';

const ID = 'SO-10001-1-1.hardwareToken' as CredentialId;
const OTHER = 'SO-20002-1-1.phoneOtp' as CredentialId;
const SERIAL = 'FT01' as Serial;
const BOUGHT = 'FT02' as Serial;

describe('what says who the person of a proofed credential is', () => {
  const vouches = (proved: ProvedBy): boolean => {
    const principal = person('jennifer' as AccountId, 'hardwareToken', proved);
    return hasVouched({ id: ID, serial: SERIAL }, { principal });
  };

  it('is what is proofed, its own token, its own phones, and a token that nobody bought', () => {
    expect(vouches({ serial: BOUGHT, proofed: true })).to.equal(true);
    expect(vouches({ serial: SERIAL, proofed: false })).to.equal(true);
    const own = { by: 'phone', credential: ID, vouched: true } as const;
    expect(vouches({ issued: own, proofed: false })).to.equal(true);
    expect(vouches({ issued: { by: 'phone', credential: OTHER }, proofed: true })).to.equal(true);
    expect(vouches({ serial: BOUGHT })).to.equal(true);
  });

  it("is neither what was bought unproofed, nor the helpdesk's word, nor nothing", () => {
    expect(vouches({ serial: BOUGHT, proofed: false })).to.equal(false);
    expect(vouches({ issued: { by: 'phone', credential: OTHER }, proofed: false })).to.equal(false);
    expect(vouches({ issued: { by: 'phone', credential: ID }, proofed: false })).to.equal(false);
    expect(vouches({ issued: { by: 'phone' }, proofed: false })).to.equal(false);
    const temporary = { by: 'temporary', credential: ID } as const;
    expect(vouches({ issued: temporary, proofed: false })).to.equal(false);
    expect(vouches({})).to.equal(false);
    const unknown = person('jennifer' as AccountId, 'password');
    expect(hasVouched({ id: ID }, { principal: unknown })).to.equal(false);
  });
});
