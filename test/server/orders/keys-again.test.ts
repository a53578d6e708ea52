import { expect } from 'chai';
import type { NoticeRecord } from '../../../server/notices/record.ts';
import type { OrderRecord } from '../../../server/orders/record.ts';
import type { SubscriptionId } from '../../../shared/types.ts';
import { codeOf, JENNIFER, openRoom, type Room } from './room.ts';

describe('licence keys sent again', () => {
  let room: Room;
  let order: OrderRecord;

  beforeEach(async () => {
    room = await openRoom();
    order = await room.buy([
      { product: 'phone', quantity: 2 },
      { product: 'phone', recipient: 'ada@example.com' },
    ]);
  });
  afterEach(() => room.store.close());

  const unit = (line: number, number: number) => `${order.id}-${line}-${number}` as SubscriptionId;
  const again = (subscription?: SubscriptionId) =>
    room.orders.sendKeysAgain(order.id, { purchaser: JENNIFER, subscription }, room.caller);
  const keyMails = async (id: SubscriptionId): Promise<readonly NoticeRecord[]> =>
    (await room.notices()).filter((mail) => mail.id.startsWith(`${id}:licenceKey:`));
  const keysOf = async (id: SubscriptionId) =>
    (await keyMails(id)).map((mail) => room.secretOf(mail));
  const valid = async (id: SubscriptionId) => {
    const stands = await Promise.all((await keysOf(id)).map((key) => room.standsFor(key)));
    return stands.map((found) => found === id);
  };

  it('are new ones, and the old are void', async () => {
    expect((await again()).sent).to.equal(3);
    for (const id of [unit(1, 1), unit(1, 2), unit(2, 1)]) {
      expect(await valid(id)).to.deep.equal([false, true]);
      expect(new Set(await keysOf(id)).size).to.equal(2);
    }
    expect((await room.audit('sendLicenceKeys'))[0]?.details).to.deep.equal({
      order: order.id,
      keys: 3,
    });
  });

  it('go where the first ones went', async () => {
    await again();
    const to = async (id: SubscriptionId) => (await keyMails(id)).map((mail) => mail.to[0]);
    expect(await to(unit(1, 1))).to.deep.equal(Array(2).fill('jennifer@example.com'));
    expect(await to(unit(2, 1))).to.deep.equal(Array(2).fill('ada@example.com'));
  });

  it('are for one subscription alone where one is named', async () => {
    expect((await again(unit(1, 2))).sent).to.equal(1);
    expect(await valid(unit(1, 1))).to.deep.equal([true]);
    expect(await valid(unit(1, 2))).to.deep.equal([false, true]);
    expect(await codeOf(again('SO-99999-1-1' as SubscriptionId))).to.equal('notAllowedNow');
  });

  it('are not for what somebody has redeemed', async () => {
    await room.redeemed(unit(1, 1));
    expect((await again()).sent).to.equal(2);
    expect(await keyMails(unit(1, 1))).to.have.length(1);
    expect(await codeOf(again(unit(1, 1)))).to.equal('notAllowedNow');
  });

  it('leave one key valid, however many ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => again()));
    expect(asked.filter(({ status }) => status === 'fulfilled')).to.have.length.within(1, 6);
    for (const id of [unit(1, 1), unit(1, 2), unit(2, 1)]) {
      expect((await valid(id)).filter((isValid) => isValid)).to.have.length(1);
      expect((await valid(id)).at(-1)).to.equal(true);
    }
  });

  it('are sent so often and no more', async () => {
    for (let times = 0; times < 20; times += 1) await again(unit(1, 1));
    expect(await codeOf(again(unit(1, 1)))).to.equal('attemptsSpent');
  });
});
