import { expect } from 'chai';
import sinon from 'sinon';
import type { IssuedCodesRecord } from '../../../server/accounts/issued-codes.ts';
import type { AccountRecord } from '../../../server/accounts/record.ts';
import type { Key } from '../../../server/store/port.ts';
import { makeUp, type Situation, situationOf } from '../../../server/tokens/account-situation.ts';
import { shadowKey } from '../../../server/tokens/shadows.ts';
import type { AccountId, Serial, UnixMillis } from '../../../shared/types.ts';

const ACCOUNT = 'jennifer' as AccountId;
const NOW = 1_000_000 as UnixMillis;
const CODES: IssuedCodesRecord = {
  version: 1,
  phone: {
    mac: '00',
    issuedAt: NOW,
    expiresAt: (NOW + 60_000) as UnixMillis,
    strength: 'phoneOtp',
    proofed: false,
    attemptsLeft: 3,
    usesLeft: 1,
  },
};

describe('what a code for an account is tested against', () => {
  let read: string[];
  const also = <T>({ kind, id }: Key<T>): T | undefined => {
    read.push(`${kind.name} ${id}`);
    return undefined;
  };
  const shadow = shadowKey({ of: 'account', name: ACCOUNT }, 'prefix');
  const asked = () => ({
    account: ACCOUNT,
    credentialType: undefined,
    mac: sinon.spy(() => 'ff'),
    shadow: sinon.spy(() => shadow),
    now: NOW,
  });
  const accountWith = (...serials: string[]): AccountRecord => ({
    version: 1,
    id: ACCOUNT,
    createdAt: NOW,
    serials: serials as Serial[],
  });

  beforeEach(() => {
    read = [];
  });

  for (const [has, record, codes] of [
    ['nothing', undefined, undefined],
    ['no token', accountWith(), undefined],
    ['one token', accountWith('E1'), undefined],
    ['two tokens', accountWith('E1', 'E2'), undefined],
    ['one token and a code that was given out', accountWith('E1'), CODES],
  ] as const) {
    it(`costs what it always costs once all is made up, where there is ${has}`, () => {
      const asking = asked();
      const situation: Situation = situationOf([record, undefined, codes], also, asking);
      expect(asking.shadow.callCount, 'until it was not accepted').to.equal(0);
      expect(asking.mac.callCount).to.equal(codes === undefined ? 0 : 1);
      makeUp(situation, also, asking);
      expect(asking.mac.callCount).to.equal(1);
      expect(asking.shadow.callCount).to.equal(1);
      const kinds = read.map((key) => key.split(' ')[0]).toSorted();
      expect(kinds).to.deep.equal(['factor', 'factor', 'shadow', 'token', 'token']);
    });
  }

  it('reads the shadow once, however often it is asked for', () => {
    const asking = asked();
    const situation = situationOf([undefined, undefined, undefined], also, asking);
    situation.shadow();
    situation.shadow();
    makeUp(situation, also, asking);
    expect(read.filter((key) => key.startsWith('shadow'))).to.have.length(1);
    expect(asking.shadow.callCount).to.equal(1);
  });
});
