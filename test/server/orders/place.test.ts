import { expect } from 'chai';
import type { Scope } from '../../../server/access/scopes.ts';
import { linesMark } from '../../../server/orders/lines.ts';
import type { ChosenLine } from '../../../server/orders/port.ts';
import type { OrderNumber, SubscriptionId, UnixMillis } from '../../../shared/types.ts';
import { ADDRESS, codeOf, DAY, errorOf, JENNIFER, openRoom, orderOf, type Room } from './room.ts';

const TOKEN: ChosenLine = { product: 'hardware-token' };
const PHONE: ChosenLine = { product: 'phone' };

describe('placing an order', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  const renewalOf = (subscription: SubscriptionId): ChosenLine => ({
    product: 'renewal',
    subscription,
  });

  it('numbers it SO-10001 and on', async () => {
    const ids = [];
    for (const lines of [[TOKEN], [PHONE], [TOKEN]]) ids.push((await room.place(lines)).id);
    expect(ids).to.deep.equal(['SO-10001', 'SO-10002', 'SO-10003']);
  });

  it('leaves no gap and takes no number twice, 100 at once and refused ones among', async () => {
    const work = Array.from({ length: 120 }, (_, index) =>
      room
        .place([TOKEN], { disclaimer: index % 6 !== 0 })
        .then(({ id }) => Number(id.slice(3)))
        .catch(() => undefined),
    );
    const numbers = (await Promise.all(work)).flatMap((number) => number ?? []);
    expect(numbers.sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 100 }, (_, index) => 10_001 + index),
    );
    expect(await room.notices('orderConfirmation')).to.have.length(100);
  });

  it('is possible 200 times a day for a person, and again when the day has passed', async () => {
    const person = { actor: 'account:jennifer', account: JENNIFER, scopes: new Set<Scope>() };
    const place = () => room.orders.place(JENNIFER, orderOf([PHONE]), { ...room.caller, ...by });
    const by = { principal: person };
    for (let order = 0; order < 199; order += 1) await place();
    const last = await Promise.allSettled(Array.from({ length: 10 }, place));
    expect(last.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const error = await errorOf(place());
    expect(error).to.include({ code: 'tooManyRequests', retryAfterSeconds: 86_400 });
    expect(await room.notices('orderConfirmation')).to.have.length(200);
    await room.place([PHONE]);
    room.now = (room.now + DAY) as UnixMillis;
    await place();
  });

  it('is confirmed by mail, with its number, in the same decision', async () => {
    const { id } = await room.place([{ ...TOKEN, quantity: 2 }, PHONE]);
    const [mail, ...rest] = await room.notices();
    expect(rest).to.deep.equal([]);
    expect(mail).to.deep.include({ template: 'orderConfirmation', to: ['jennifer@example.com'] });
    expect(mail?.values['order']).to.equal(id);
    expect(mail?.values['lines']?.split('\n')).to.deep.equal([
      '2 x OTP Token (1 Year) without Proofing',
      '1 x Phone Based OTP - 1 Year (US Phone Service Only) without Proofing',
    ]);
    expect((await room.audit('placeOrder'))[0]?.details).to.deep.include({ order: id, units: 3 });
  });

  it('by invoice keeps the purchase order, and writes the invoice', async () => {
    const payment = { method: 'invoice', purchaseOrder: 'PO-4711' } as const;
    const { id } = await room.place([PHONE], { payment });
    const [invoice] = await room.notices('invoice');
    expect(invoice?.values).to.deep.include({ order: id, purchaseOrder: 'PO-4711' });
    const query = { purchaseOrder: 'PO-4711', limit: 10 };
    expect((await room.orders.list(query)).items.map((order) => order.id)).to.deep.equal([id]);
  });

  it('needs the disclaimer confirmed', async () => {
    const error = await errorOf(room.place([TOKEN], { disclaimer: false }));
    expect(error.code).to.equal('disclaimerRequired');
    expect(await room.notices()).to.deep.equal([]);
  });

  it('needs to know where to send what is sent by post, and keeps it only then', async () => {
    const without = orderOf([TOKEN], { shipping: undefined });
    const error = await errorOf(room.orders.place(JENNIFER, without, room.caller));
    expect(error.errors).to.deep.equal([{ field: '/shipping', code: 'required' }]);
    expect((await room.place([TOKEN])).shipping).to.deep.equal(ADDRESS);
    expect((await room.place([PHONE])).shipping).to.equal(undefined);
  });

  it('takes the cart when no lines are given, and empties it, once', async () => {
    await room.orders.putCart(JENNIFER, [PHONE], room.caller);
    const both = await Promise.allSettled([room.place(undefined), room.place(undefined)]);
    expect(both.map(({ status }) => status)).to.have.members(['fulfilled', 'rejected']);
    expect(await room.orders.cart(JENNIFER)).to.equal(undefined);
    expect(await codeOf(room.place(undefined))).to.equal('notAllowedNow');
  });

  it('takes the cart as it was reviewed, and no other', async () => {
    const reviewed = linesMark(
      (await room.orders.putCart(JENNIFER, [PHONE], room.caller))?.lines ?? [],
    );
    await room.orders.addToCart(JENNIFER, [TOKEN], room.caller);
    expect(await codeOf(room.place(undefined, { reviewed }))).to.equal('notAllowedNow');
    await room.orders.putCart(JENNIFER, [PHONE], room.caller);
    expect((await room.place(undefined, { reviewed })).lines).to.have.length(1);
  });

  it('leaves the cart as it is when lines are given', async () => {
    await room.orders.putCart(JENNIFER, [PHONE], room.caller);
    await room.place([TOKEN]);
    expect((await room.orders.cart(JENNIFER))?.lines).to.have.length(1);
  });

  describe('of a renewal', () => {
    it('is offered from 30 days before the expiry to a year after it, and only then', async () => {
      const subscription = await room.owned();
      const answers: string[] = [];
      const ask = () =>
        room.orders.putCart(JENNIFER, [renewalOf(subscription)], room.caller).then(
          () => 'offered',
          ({ code }) => code as string,
        );
      for (const days of [0, 334, 1, 30, 364]) {
        room.wait(days);
        answers.push(await ask());
      }
      expect(answers).to.deep.equal([
        'renewalNotOffered',
        'renewalNotOffered',
        'offered',
        'offered',
        'offered',
      ]);
    });

    it('of a revoked token is refused: a whole new one is to be purchased', async () => {
      const subscription = await room.owned();
      room.wait(365 * 2 + 1);
      expect(await codeOf(room.place([renewalOf(subscription)]))).to.equal('purchaseInstead');
      const other = await room.owned('phone');
      await room.redeemed(other, JENNIFER, 'revoked');
      room.wait(350);
      expect(await codeOf(room.place([renewalOf(other)]))).to.equal('purchaseInstead');
    });

    it('may be ordered by its holder, by its purchaser and by the administrator', async () => {
      const ada = await room.account('ada', { organisation: 'Iron Builders' });
      const boss = await room.account('boss', {
        organisation: 'Iron Builders',
        roles: ['organisationAdmin'],
      });
      const { id } = await room.buy([PHONE, PHONE, PHONE]);
      const [first, second, third] = [1, 2, 3].map(
        (line) => `${id}-${line}-1` as SubscriptionId,
      ) as [SubscriptionId, SubscriptionId, SubscriptionId];
      for (const each of [first, second, third]) await room.redeemed(each, ada);
      room.wait(350);
      await room.place([renewalOf(first)], {}, ada);
      await room.place([renewalOf(second)], {}, JENNIFER);
      await room.place([renewalOf(third)], {}, boss);
    });

    it('is ordered by an administrator for himself and others, several at once', async () => {
      const boss = await room.account('boss', {
        organisation: 'Iron Builders',
        roles: ['organisationAdmin'],
      });
      const theirs = [await room.owned(), await room.owned('phone')];
      const own = await room.owned('hardware-token', boss);
      room.wait(350);
      const { id, lines } = await room.place([...theirs, own].map(renewalOf), {}, boss);
      expect(lines).to.have.length(3);
      await room.pay(id);
      for (const subscription of [...theirs, own]) {
        expect((await room.subscription(subscription)).renewals).to.have.length(1);
      }
    });

    it('of somebody else reads as if there were none', async () => {
      const subscription = await room.owned();
      room.wait(350);
      const colleague = await room.account('colleague', { organisation: 'Iron Builders' });
      const stranger = await room.account('stranger', {
        organisation: 'Other Ltd',
        roles: ['organisationAdmin'],
      });
      const unknown = 'SO-99999-1-1' as SubscriptionId;
      const texts = [
        await errorOf(room.place([renewalOf(subscription)], {}, colleague)),
        await errorOf(room.place([renewalOf(subscription)], {}, stranger)),
        await errorOf(room.place([renewalOf(unknown)])),
      ].map(({ code, message }) => `${code} ${message}`);
      expect(new Set(texts).size).to.equal(1);
      expect(texts[0]).to.match(/^notFound /);
    });

    it('is not ordered twice, until the first order is cancelled or carried out', async () => {
      const subscription = await room.owned();
      room.wait(350);
      const lines = [renewalOf(subscription)];
      const ten = await Promise.allSettled(Array.from({ length: 10 }, () => room.place(lines)));
      expect(ten.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      expect(await codeOf(room.place(lines))).to.equal('exists');
      const { items } = await room.orders.list({ state: 'placed', limit: 10 });
      await room.orders.cancel(items[0]?.id ?? ('' as OrderNumber), {}, room.caller);
      const { id } = await room.place(lines);
      await room.pay(id);
      expect(await codeOf(room.place(lines))).to.equal('renewalNotOffered');
      room.wait(365);
      await room.place(lines);
    });
  });

  describe('of a proofing upgrade', () => {
    const upgradeOf = (subscription: SubscriptionId): ChosenLine => ({
      product: 'proofing-upgrade',
      subscription,
      requirementsUnderstood: true,
    });

    it('is for an own subscription without proofing', async () => {
      await room.place([upgradeOf(await room.owned())]);
    });

    it('is refused for one that was bought with proofing', async () => {
      const proofed = await room.owned('phone-proofed');
      expect(await codeOf(room.place([upgradeOf(proofed)]))).to.equal('wrongProduct');
    });

    it("is refused for another's, also to who bought it", async () => {
      const ada = await room.account('ada');
      const { id } = await room.buy([PHONE]);
      const subscription = `${id}-1-1` as SubscriptionId;
      await room.redeemed(subscription, ada);
      expect(await codeOf(room.place([upgradeOf(subscription)]))).to.equal('notFound');
    });

    it('is refused for a revoked one', async () => {
      const subscription = await room.owned();
      room.wait(365 * 2 + 1);
      expect(await codeOf(room.place([upgradeOf(subscription)]))).to.equal('purchaseInstead');
    });
  });

  describe('of a brand-new credential', () => {
    it('is refused while one of its type can be renewed, unless it is additional', async () => {
      await room.owned();
      room.wait(350);
      expect(await codeOf(room.place([TOKEN]))).to.equal('renewInstead');
      const bundle = [{ product: 'mobile-id-hardware-token' }] as const;
      expect(await codeOf(room.place(bundle))).to.equal('renewInstead');
      await room.place([{ ...TOKEN, additional: true }]);
    });

    it('is not refused of another type, for others, before that time or when revoked', async () => {
      const subscription = await room.owned();
      await room.place([TOKEN]);
      room.wait(350);
      await room.place([PHONE]);
      await room.place([{ ...TOKEN, recipient: 'ada@example.com' }]);
      await room.redeemed(subscription, JENNIFER, 'revoked');
      await room.place([TOKEN]);
    });
  });
});
