import { expect } from 'chai';
import type { TokenRecord } from '../../../server/tokens/record.ts';
import { expiryAt, standingAt } from '../../../server/tokens/standing.ts';
import type { CredentialId, UnixMillis } from '../../../shared/types.ts';

const until = Date.UTC(2027, 5, 1) as UnixMillis;
const entitlement = {
  credential: 'SO-10001-1-1.hardwareToken' as CredentialId,
  until,
  proofed: false,
};
const token = (changes: Partial<TokenRecord>): TokenRecord =>
  ({ life: 'registered', holds: [], entitlement, ...changes }) as unknown as TokenRecord;
const at = (year: number, day: number, millis = 0): UnixMillis =>
  (Date.UTC(year, 5, day) + millis) as UnixMillis;

describe('tokens: standing', () => {
  it('suspends a token at the very moment that its subscription ends', () => {
    expect(standingAt(token({}), at(2027, 1, -1)).holds).to.deep.equal([]);
    expect(standingAt(token({}), at(2027, 1))).to.deep.equal({
      life: 'registered',
      holds: ['suspended'],
    });
  });

  it('revokes it a year later, by the calendar', () => {
    expect(standingAt(token({}), at(2028, 1, -1)).life).to.equal('registered');
    expect(standingAt(token({}), at(2028, 1)).life).to.equal('revoked');
  });

  it('keeps the other holds beside it, and the very record where nothing has ended', () => {
    const held = token({ holds: ['lost', 'locked'] });
    expect(standingAt(held, at(2027, 2)).holds).to.have.members(['lost', 'locked', 'suspended']);
    expect(standingAt(held, at(2026, 1))).to.equal(held);
  });

  it('never ends a token that rests on no subscription, or is not registered', () => {
    const { entitlement: _, ...free } = token({});
    expect(expiryAt(free, at(2099, 1))).to.equal(undefined);
    expect(expiryAt(token({ life: 'stocked' }), at(2099, 1))).to.equal(undefined);
    expect(expiryAt(token({ life: 'revoked' }), at(2099, 1))).to.equal(undefined);
  });
});
