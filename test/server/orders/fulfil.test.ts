import { expect } from 'chai';
import { renderMail } from '../../../server/notices/templates/render.ts';
import type { ChosenLine } from '../../../server/orders/port.ts';
import type { Store } from '../../../server/store/port.ts';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import type { SubscriptionId } from '../../../shared/types.ts';
import { openRoom, Room } from './room.ts';

describe('carrying out what was paid', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  it('makes a subscription a unit, for a year from the payment', async () => {
    const { id } = await room.place([
      { product: 'phone-proofed' },
      { product: 'mobile-id-hardware-token', quantity: 2 },
    ]);
    room.wait(3);
    await room.pay(id);
    const made = await room.subscriptions();
    expect(made.map((each) => each.id)).to.deep.equal([
      `${id}-1-1`,
      `${id}-2-1`,
      `${id}-2-2`,
    ] as string[]);
    expect(made[1]).to.deep.equal({
      version: 1,
      id: `${id}-2-1`,
      product: 'mobile-id-hardware-token',
      types: ['mobileId', 'hardwareToken'],
      proofing: false,
      order: id,
      purchaser: 'jennifer',
      organisation: 'Iron Builders',
      purchasedAt: room.now,
      expiresAt: yearAfter(room.now),
      stepsTaken: 0,
      renewals: [],
    });
    expect(made[0]).to.deep.include({ types: ['phoneOtp'], proofing: true });
  });

  it('mails a sponsored key to the person alone; the purchaser has the order', async () => {
    await room.buy([{ product: 'phone', recipient: 'ada@example.com' }]);
    const [mail, ...rest] = await room.notices('sponsoredKey');
    expect(rest).to.deep.equal([]);
    expect(mail).to.deep.include({ to: ['ada@example.com'] });
    expect(mail?.values['organisation']).to.equal('Iron Builders');
    expect(await room.notices('licenceKey')).to.deep.equal([]);
    expect(await room.notices('orderConfirmation')).to.have.length(1);
  });

  it('writes no key where somebody could read it', async () => {
    await room.buy([{ product: 'phone', quantity: 5 }]);
    const keys = (await room.notices('licenceKey')).map((mail) => room.secretOf(mail));
    const stored = JSON.stringify([
      await room.notices(),
      await room.audit(),
      await room.subscriptions(),
      (await room.orders.list({ limit: 10 })).items,
    ]);
    for (const key of keys) {
      expect(stored).not.to.include(key);
      expect(stored).not.to.include(key.replaceAll('-', ''));
    }
  });

  it('renews the same subscription: early from its expiry, late from the payment', async () => {
    const renewal = (subscription: SubscriptionId): ChosenLine[] => [
      { product: 'renewal', subscription },
    ];
    const early = await room.owned();
    const late = await room.owned('phone');
    const { expiresAt } = await room.subscription(early);
    room.wait(350);
    await room.buy(renewal(early));
    room.wait(100);
    await room.buy(renewal(late));
    expect((await room.subscription(early)).expiresAt).to.equal(yearAfter(expiresAt));
    expect((await room.subscription(late)).expiresAt).to.equal(yearAfter(room.now));
  });

  it('demands proofing once its upgrade is paid', async () => {
    const subscription = await room.owned();
    await room.buy([{ product: 'proofing-upgrade', subscription, requirementsUnderstood: true }]);
    expect((await room.subscription(subscription)).proofing).to.equal(true);
  });

  it('notes what it cannot carry out any more, and does the rest', async () => {
    const subscription = await room.owned();
    room.wait(365 * 2 - 1);
    const { id } = await room.place([{ product: 'renewal', subscription }, { product: 'phone' }]);
    room.wait(5);
    const order = await room.pay(id);
    expect(order).to.deep.include({ state: 'fulfilled', linesDone: 2, linesRefused: [1] });
    expect((await room.subscription(`${id}-2-1` as SubscriptionId)).product).to.equal('phone');
    const [, refused] = await room.audit('carryOutLine');
    expect(refused?.details).to.deep.include({ order: id, line: 1, refused: true });
  });

  it('tells the purchaser of what it cannot carry out, that the money is given back', async () => {
    const subscription = await room.owned();
    const other = await room.owned('phone');
    room.wait(365 * 2 - 1);
    const renewals = [subscription, other].map(
      (each): ChosenLine => ({ product: 'renewal', subscription: each }),
    );
    const { id } = await room.place([...renewals, { product: 'phone', additional: true }]);
    room.wait(5);
    await room.pay(id);
    await room.job.run(room.now);
    const mails = await room.notices('lineRefused');
    expect(mails.map((mail) => mail.id)).to.deep.equal([
      `${id}:lineRefused:1`,
      `${id}:lineRefused:2`,
    ]);
    expect(mails[0]).to.deep.include({
      to: ['jennifer@example.com'],
      account: 'jennifer',
      at: room.now,
      values: { order: id, product: 'Subscription Renewal (1 Year)', subscription },
    });
    const { subject, text, html } = renderMail('lineRefused', mails[1]?.values ?? {});
    expect(subject).to.contain(id);
    for (const form of [text, html]) {
      expect(form).to.contain(other).and.to.contain('given back');
    }
  });

  it('tells of nothing that was carried out', async () => {
    const subscription = await room.owned();
    room.wait(365);
    await room.buy([{ product: 'renewal', subscription }]);
    expect(await room.notices('lineRefused')).to.deep.equal([]);
  });

  it('goes on where it was broken off, and does no line twice', async () => {
    let decisionsLeft = Number.POSITIVE_INFINITY;
    const breaking = (store: Store): Store =>
      new Proxy(store, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (name === 'transact') decisionsLeft -= 1;
            if (decisionsLeft < 0) return Promise.reject(new Error('the store is away'));
            return value.apply(target, args);
          };
        },
      });
    const broken = await openRoom(breaking);
    const lines: ChosenLine[] = Array.from({ length: 20 }, () => ({
      product: 'phone',
      quantity: 3,
    }));
    const { id } = await broken.place(lines);
    // The payment itself, and then a few lines.
    decisionsLeft = 6;
    const paid = await broken.pay(id);
    expect(paid.state).to.equal('paid');
    expect(broken.logged).to.have.length(1);
    for (let runs = 0; runs < 40; runs += 1) {
      decisionsLeft = 3;
      await broken.job.run(broken.now);
    }
    decisionsLeft = Number.POSITIVE_INFINITY;
    expect((await broken.orders.get(id)).state).to.equal('fulfilled');
    expect(await broken.subscriptions()).to.have.length(60);
    expect(await broken.notices('licenceKey')).to.have.length(60);
    expect(await broken.audit('addSubscription')).to.have.length(60);
    await broken.store.close();
  });

  it('is done once by ten at the same time', async () => {
    const subscription = await room.owned();
    room.wait(350);
    const { expiresAt } = await room.subscription(subscription);
    const { id } = await room.place([
      { product: 'phone', quantity: 10 },
      { product: 'renewal', subscription },
      { product: 'mobile-id', quantity: 10 },
    ]);
    const others = Array.from({ length: 9 }, () => new Room(room.store));
    const before = (await room.subscriptions()).length;
    await Promise.all([room.pay(id), ...others.map((other) => other.job.run(room.now))]);
    await Promise.all(others.map((other) => other.job.run(room.now)));
    expect((await room.orders.get(id)).state).to.equal('fulfilled');
    expect(await room.subscriptions()).to.have.length(before + 20);
    expect((await room.subscription(subscription)).expiresAt).to.equal(yearAfter(expiresAt));
    expect(await room.audit('renewSubscription')).to.have.length(1);
  });
});
