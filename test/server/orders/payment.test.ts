import { expect } from 'chai';
import type { OrderNumber } from '../../../shared/types.ts';
import { codeOf, errorOf, openRoom, type Room } from './room.ts';

const LINES = [{ product: 'phone', quantity: 3 }] as const;

describe('paying an order', () => {
  let room: Room;
  let id: OrderNumber;

  beforeEach(async () => {
    room = await openRoom();
    ({ id } = await room.place(LINES));
  });
  afterEach(() => room.store.close());

  const receive = (reference: string, order = id) =>
    room.orders.receive({ order, reference, source: 'manual' }, room.caller);

  it('issues nothing before the payment', async () => {
    room.wait(1);
    await room.job.run(room.now);
    expect(await room.subscriptions()).to.deep.equal([]);
    expect(await room.notices('licenceKey')).to.deep.equal([]);
    const again = room.orders.sendKeysAgain(id, {}, room.caller);
    expect(await codeOf(again)).to.equal('orderUnpaid');
    expect(await codeOf(room.orders.ship(id, {}, room.caller))).to.equal('orderUnpaid');
  });

  it('mails a licence key to the purchaser for each unit, at once', async () => {
    room.wait(2);
    const { result, order } = await receive('slip 1');
    expect([result, order.state, order.paidAt]).to.deep.equal(['paid', 'fulfilled', room.now]);
    const mails = await room.notices('licenceKey');
    expect(mails.map(({ to }) => to)).to.deep.equal(Array(3).fill(['jennifer@example.com']));
    const keys = mails.map((mail) => room.secretOf(mail));
    expect(new Set(keys).size).to.equal(3);
    for (const [index, key] of keys.entries()) {
      expect(await room.standsFor(key)).to.equal(mails[index]?.values['subscription']);
    }
  });

  it('by invoice issues when billing says that it was paid', async () => {
    const payment = { method: 'invoice', purchaseOrder: 'PO-1' } as const;
    const invoice = await room.place(LINES, { payment });
    expect(await room.subscriptions()).to.have.length(0);
    expect((await room.pay(invoice.id, 'statement 4')).payment).to.deep.equal(payment);
    expect(await room.subscriptions()).to.have.length(3);
  });

  it('is one decision: of 50 payments at once one pays, and keys are issued once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => receive(`slip ${index}`)),
    );
    const results = answers.map(({ result }) => result).sort();
    expect(results).to.deep.equal(['paid', ...Array(49).fill('unneeded')]);
    expect(await room.subscriptions()).to.have.length(3);
    expect(await room.notices('licenceKey')).to.have.length(3);
    expect((await room.orders.get(id)).receipts).to.have.length(20);
    expect(await room.audit('receivePayment')).to.have.length(50);
  });

  it('by the same payment told of 50 times is known after the first', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => receive('slip 1')));
    const results = answers.map(({ result }) => result).sort();
    expect(results).to.deep.equal([...Array(49).fill('known'), 'paid']);
    expect((await room.orders.get(id)).receipts).to.have.length(1);
    expect(await room.subscriptions()).to.have.length(3);
  });

  it('once it was cancelled is recorded for billing, and issues nothing', async () => {
    await room.orders.cancel(id, {}, room.caller);
    const { result, order } = await receive('slip 1');
    expect([result, order.state]).to.deep.equal(['unneeded', 'cancelled']);
    expect(order.receipts).to.deep.equal([
      { source: 'manual', reference: 'slip 1', at: room.now, unneeded: true },
    ]);
    await room.job.run(room.now);
    expect(await room.subscriptions()).to.deep.equal([]);
    expect((await room.audit('receivePayment'))[0]?.details).to.deep.include({
      result: 'unneeded',
      state: 'cancelled',
    });
  });

  it('that does not exist is not found', async () => {
    expect((await errorOf(receive('slip 1', 'SO-99999' as OrderNumber))).code).to.equal('notFound');
  });

  it('keeps the reference of a card payment, by which it is found', async () => {
    await receive('pi_1');
    const found = await room.orders.list({ reference: 'pi_1', limit: 10 });
    expect(found.items.map((order) => order.id)).to.deep.equal([id]);
  });
});

describe('cancelling an order', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  it('is possible while it is unpaid, once, and mailed', async () => {
    const { id } = await room.place(LINES);
    const cancelled = await room.orders.cancel(id, {}, room.caller);
    expect(cancelled).to.deep.include({ state: 'cancelled', cancelledAt: room.now });
    expect(await room.notices('orderCancelled')).to.have.length(1);
    expect(await codeOf(room.orders.cancel(id, {}, room.caller))).to.equal('notAllowedNow');
    expect(await codeOf(room.orders.sendKeysAgain(id, {}, room.caller))).to.equal('notAllowedNow');
  });

  it('is refused once it is paid', async () => {
    const { id } = await room.buy(LINES);
    expect(await codeOf(room.orders.cancel(id, {}, room.caller))).to.equal('notAllowedNow');
  });

  it("of another account's order reads as if there were none", async () => {
    const ada = await room.account('ada');
    const { id } = await room.place(LINES);
    const unknown = 'SO-99999' as OrderNumber;
    const work = [
      room.orders.cancel(id, { purchaser: ada }, room.caller),
      room.orders.cancel(unknown, { purchaser: ada }, room.caller),
      room.orders.get(id, { purchaser: ada }),
      room.orders.get(unknown, { purchaser: ada }),
      room.orders.sendKeysAgain(id, { purchaser: ada }, room.caller),
    ];
    const texts = await Promise.all(work.map(async (each) => (await errorOf(each)).message));
    expect(new Set(texts)).to.deep.equal(new Set(['There is no order of this number.']));
  });
});
