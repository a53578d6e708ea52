import { expect } from 'chai';
import { parseLicenceKey } from '../../../server/orders/licence-key.ts';
import type { AccountId } from '../../../shared/types.ts';
import { type CredentialsRoom, openCredentialsRoom } from '../credentials/room.ts';
import { codeOf } from './room.ts';

/** Licence keys in other hands, redeemed by the room of credentials itself. */
describe('a licence key', () => {
  let room: CredentialsRoom;
  let jennifer: AccountId;
  let ada: AccountId;

  beforeEach(async () => {
    room = await openCredentialsRoom();
    jennifer = await room.person('jennifer');
    ada = await room.person('ada');
  });
  afterEach(() => room.store.close());

  it('is transferable until it is used, and then used for good', async () => {
    const { key } = await room.buy(jennifer);
    const typed = parseLicenceKey(key.toLowerCase().replaceAll('-', ' '));
    expect(typed).to.equal(key);
    const [detail] = await room.credentials.redeem(ada, key, room.by(ada));
    expect(detail?.subscription).to.deep.include({ purchaser: jennifer, account: ada });
    const again = room.credentials.redeem(jennifer, key, room.by(jennifer));
    expect(await codeOf(again)).to.equal('licenceKeyUsed');
  });

  it('is void once another was sent in its place', async () => {
    const { key, order } = await room.buy(jennifer);
    await room.orders.sendKeysAgain(order, { purchaser: jennifer }, room.owner);
    const work = room.credentials.redeem(jennifer, key, room.by(jennifer));
    expect(await codeOf(work)).to.equal('licenceKeyUnknown');
  });

  it('is redeemed or replaced, when both are asked for at once', async () => {
    for (let times = 0; times < 10; times += 1) {
      const { key, order, subscription } = await room.buy(jennifer);
      const [redeemed, replaced] = await Promise.allSettled([
        room.credentials.redeem(ada, key, room.by(ada)),
        room.orders.sendKeysAgain(order, { purchaser: jennifer }, room.owner),
      ]);
      const { account } = await room.subscription({ subscription });
      expect(account).to.equal(redeemed.status === 'fulfilled' ? ada : undefined);
      expect(replaced.status).not.to.equal(redeemed.status);
    }
  });
});
