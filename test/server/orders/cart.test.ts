import { expect } from 'chai';
import { linesMark } from '../../../server/orders/lines.ts';
import type { ChosenLine } from '../../../server/orders/port.ts';
import type { AccountId, SubscriptionId } from '../../../shared/types.ts';
import { codeOf, errorOf, JENNIFER, openRoom, type Room } from './room.ts';

const TOKEN: ChosenLine = { product: 'hardware-token' };

describe('the cart', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  const put = (lines: readonly ChosenLine[], account: AccountId = JENNIFER) =>
    room.orders.putCart(account, lines, room.caller);
  const fields = async (lines: readonly ChosenLine[]) =>
    (await errorOf(put(lines))).errors.map(({ field, code }) => `${field} ${code}`);

  it('keeps what was put into it last, and nothing of before', async () => {
    expect(await room.orders.cart(JENNIFER)).to.equal(undefined);
    await put([TOKEN, { product: 'phone', quantity: 3 }]);
    await put([{ product: 'phone', quantity: 2, recipient: 'ada@example.com' }]);
    expect((await room.orders.cart(JENNIFER))?.lines).to.deep.equal([
      { product: 'phone', quantity: 2, recipient: 'ada@example.com' },
    ]);
    expect((await room.audit('changeCart')).map(({ account }) => account)).to.deep.equal([
      'jennifer',
      'jennifer',
    ]);
  });

  it('keeps what it has when more is added, though two are adding at once', async () => {
    await put([TOKEN]);
    const add = (line: ChosenLine) => room.orders.addToCart(JENNIFER, [line], room.caller);
    await Promise.all([add({ product: 'phone' }), add({ product: 'mobile-id' })]);
    const products = async () =>
      (await room.orders.cart(JENNIFER))?.lines.map(({ product }) => product);
    expect(await products()).to.have.members(['hardware-token', 'phone', 'mobile-id']);
    expect(await room.orders.addToCart(JENNIFER, [], room.caller)).to.have.property('lines');
    expect(await products()).to.have.length(3);
  });

  it('is not changed where it is another than was reviewed, though at the same time', async () => {
    const shown = await put([TOKEN]);
    const reviewed = linesMark(shown?.lines ?? []);
    const lines = [{ ...TOKEN, quantity: 2 }];
    const [changed, added] = await Promise.allSettled([
      room.orders.putCart(JENNIFER, lines, room.caller, { reviewed }),
      room.orders.addToCart(JENNIFER, [{ product: 'phone' }], room.caller),
    ]);
    expect(added.status).to.equal('fulfilled');
    const held = async () =>
      (await room.orders.cart(JENNIFER))?.lines.map(({ product }) => product);
    expect(await held(), changed.status).to.deep.equal(['hardware-token', 'phone']);
    const late = room.orders.putCart(JENNIFER, [], room.caller, { reviewed });
    expect(await codeOf(late)).to.equal('notAllowedNow');
    expect(await held()).to.have.length(2);
  });

  it('refuses what is added by the bounds of the whole', async () => {
    await put([{ product: 'phone', quantity: 100 }]);
    const more = room.orders.addToCart(
      JENNIFER,
      [{ product: 'phone', quantity: 100 }],
      room.caller,
    );
    expect((await more)?.lines).to.have.length(2);
    const beyond = await errorOf(room.orders.addToCart(JENNIFER, [TOKEN], room.caller));
    expect(beyond.errors).to.deep.equal([{ field: '/lines', code: 'tooLarge' }]);
    expect((await room.orders.cart(JENNIFER))?.lines).to.have.length(2);
  });

  it('is emptied by no lines, also when it is empty', async () => {
    await put([TOKEN]);
    expect(await put([])).to.equal(undefined);
    expect(await put([])).to.equal(undefined);
    expect(await room.orders.cart(JENNIFER)).to.equal(undefined);
  });

  it('gives out a line, though another of it cannot be ordered any more', async () => {
    const subscriptions = [await room.owned(), await room.owned('phone')];
    room.wait(350);
    const renewals = subscriptions.map((subscription): ChosenLine => {
      return { product: 'renewal', subscription };
    });
    await put([...renewals, TOKEN].map((line) => ({ ...line, additional: true })));
    room.wait(731);
    expect(await codeOf(put(renewals.slice(0, 1).concat(TOKEN, TOKEN)))).to.equal(
      'purchaseInstead',
    );
    const { lines = [] } = (await room.orders.cart(JENNIFER)) ?? {};
    expect((await put(lines.slice(1)))?.lines).to.have.length(2);
    expect(await codeOf(put([...renewals, TOKEN]))).to.equal('purchaseInstead');
    expect((await put(lines.slice(2)))?.lines).to.deep.equal([lines[2]]);
  });

  it('has at most 20 lines', async () => {
    expect((await put(Array(20).fill(TOKEN)))?.lines).to.have.length(20);
    expect(await fields(Array(21).fill(TOKEN))).to.deep.equal(['/lines tooMany']);
  });

  it('has 1 to 100 units of a line', async () => {
    expect((await put([{ ...TOKEN, quantity: 100 }]))?.lines).to.have.length(1);
    for (const [quantity, code] of [
      [0, 'tooSmall'],
      [-1, 'tooSmall'],
      [101, 'tooLarge'],
    ] as const) {
      expect(await fields([TOKEN, { ...TOKEN, quantity }])).to.deep.equal([
        `/lines/1/quantity ${code}`,
      ]);
    }
    expect(await fields([{ ...TOKEN, quantity: 1.5 }])).to.have.length(1);
  });

  it('has at most 200 units in all', async () => {
    const hundred = { ...TOKEN, quantity: 100 };
    await put([hundred, hundred]);
    expect(await fields([hundred, hundred, TOKEN])).to.deep.equal(['/lines tooLarge']);
  });

  it('takes one renewal of a subscription, and not the same twice', async () => {
    const subscription = await room.owned();
    room.wait(350);
    const renewal: ChosenLine = { product: 'renewal', subscription };
    expect((await put([renewal]))?.lines).to.deep.equal([{ ...renewal, quantity: 1 }]);
    expect(await fields([renewal, TOKEN, renewal])).to.deep.equal([
      '/lines/2/subscription duplicate',
    ]);
    expect(await fields([{ ...renewal, quantity: 2 }])).to.deep.equal([
      '/lines/0/quantity notAllowed',
    ]);
    expect(await fields([{ ...renewal, recipient: 'a@example.com' }])).to.deep.equal([
      '/lines/0/recipient notAllowed',
    ]);
  });

  it('wants a subscription with a renewal, and none with a new credential', async () => {
    expect(await fields([{ product: 'renewal' }])).to.deep.equal([
      '/lines/0/subscription required',
    ]);
    const subscription = 'SO-10001-1-1' as SubscriptionId;
    expect(await fields([{ ...TOKEN, subscription }])).to.deep.equal([
      '/lines/0/subscription notAllowed',
    ]);
  });

  it('takes no upgrade before its requirements are understood', async () => {
    const subscription = await room.owned();
    const upgrade: ChosenLine = { product: 'proofing-upgrade', subscription };
    expect(await codeOf(put([upgrade]))).to.equal('confirmationRequired');
    const understood = await put([{ ...upgrade, requirementsUnderstood: true }]);
    expect(understood?.lines).to.have.length(1);
  });

  it('is of nobody but an account', async () => {
    const nobody = 'nobody' as AccountId;
    expect(await codeOf(put([TOKEN], nobody))).to.equal('notFound');
    expect(await codeOf(room.orders.cart(nobody))).to.equal('notFound');
  });
});
