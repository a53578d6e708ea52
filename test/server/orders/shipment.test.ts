import { expect } from 'chai';
import { expectedBy } from '../../../server/orders/delivery.ts';
import type { Serial } from '../../../shared/types.ts';
import { codeOf, DAY, openRoom, type Room } from './room.ts';

const TOKEN = [{ product: 'hardware-token', quantity: 2 }] as const;

describe('sending hardware tokens', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  it('takes up to five days from the payment', async () => {
    const placed = await room.place(TOKEN);
    expect(expectedBy(placed)).to.equal(undefined);
    room.wait(2);
    const paid = await room.pay(placed.id);
    expect(expectedBy(paid)).to.equal(room.now + 5 * DAY);
    expect(expectedBy(await room.buy([{ product: 'phone' }]))).to.equal(undefined);
  });

  it('is recorded parcel by parcel, and mailed each time', async () => {
    const { id } = await room.buy(TOKEN);
    const serials = ['FT00000001', 'FT00000002'] as Serial[];
    room.wait(1);
    await room.orders.ship(id, { carrier: 'Post', tracking: 'RX1', serials }, room.caller);
    room.wait(1);
    const { shipments } = await room.orders.ship(id, {}, room.caller);
    expect(shipments).to.deep.equal([
      { shippedAt: room.now - DAY, carrier: 'Post', tracking: 'RX1', serials },
      { shippedAt: room.now },
    ]);
    const mails = await room.notices('shipped');
    expect(mails.map(({ to }) => to[0])).to.deep.equal(Array(2).fill('jennifer@example.com'));
    expect(mails[0]?.values).to.deep.include({ order: id, carrier: 'Post', tracking: 'RX1' });
    expect(await room.audit('shipOrder')).to.have.length(2);
  });

  it('counts every parcel, however many are told of at once, to 20', async () => {
    const { id } = await room.buy(TOKEN);
    const told = await Promise.allSettled(
      Array.from({ length: 25 }, () => room.orders.ship(id, {}, room.caller)),
    );
    expect(told.filter(({ status }) => status === 'fulfilled')).to.have.length(20);
    expect(await room.notices('shipped')).to.have.length(20);
  });

  it('is refused of what is not sent, and of what is cancelled', async () => {
    const phone = await room.buy([{ product: 'phone' }]);
    expect(await codeOf(room.orders.ship(phone.id, {}, room.caller))).to.equal('notAllowedNow');
    const { id } = await room.place(TOKEN);
    await room.orders.cancel(id, {}, room.caller);
    expect(await codeOf(room.orders.ship(id, {}, room.caller))).to.equal('notAllowedNow');
  });
});
