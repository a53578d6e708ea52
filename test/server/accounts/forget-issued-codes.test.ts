import { expect } from 'chai';
import { forgetIssuedCodes } from '../../../server/accounts/forget-issued-codes.ts';
import type { AccountId, Code } from '../../../shared/types.ts';
import type { EntitledRoom } from '../tokens/entitled-room.ts';
import { openEntitledRoom } from '../tokens/open-entitled-room.ts';
import { OWNER } from '../tokens/room.ts';

const SENT = '12345678' as Code;

describe('codes that fobd gave out, after a restore', () => {
  let room: EntitledRoom;

  beforeEach(async () => {
    room = await openEntitledRoom();
  });
  afterEach(() => room.store.close());

  it('are none any more, of any account: each may have been used since the backup', async () => {
    const accounts = ['ada', 'blue_j', 'carl'] as AccountId[];
    for (const account of accounts) await room.account(account);
    for (const account of accounts.slice(0, 2)) {
      await room.issue(account, SENT);
      await room.issue(account, '87654321', { by: 'temporary', usesLeft: 3 });
    }
    await forgetIssuedCodes(room.store);
    for (const account of accounts) {
      expect(await room.issued(account), account).to.equal(undefined);
      const command = { account, code: SENT };
      const { outcome } = await room.tokens.verify(command, room.as(OWNER));
      expect(outcome).to.equal('notRegistered');
    }
  });

  it('leave nothing to do where none was given out', async () => {
    await room.account('ada');
    await forgetIssuedCodes(room.store);
    expect(await room.issued('ada' as AccountId)).to.equal(undefined);
  });
});
