import { expect } from 'chai';
import { lineStateOf, linesMark } from '../../../server/orders/lines.ts';
import { orderPaceKey } from '../../../server/orders/pace.ts';
import { ORDER_NUMBER_KEY, type OrderLine, orderKey } from '../../../server/orders/record.ts';
import type { OrderNumber, SubscriptionId } from '../../../shared/types.ts';
import { codeOf, JENNIFER, openRoom, orderOf, type Room } from './room.ts';

const PHONE = { product: 'phone' } as const;

describe('orders of a purchaser, the newest first', () => {
  let room: Room;

  beforeEach(async () => {
    room = await openRoom();
  });
  afterEach(() => room.store.close());

  const numbers = async (limit: number, from?: OrderNumber) => {
    const { items, next } = await room.orders.latest({ purchaser: JENNIFER, from, limit });
    return [...items.map(({ id }) => id.slice(3)), next === null ? 'end' : 'more'];
  };

  it('are none of an account that has ordered nothing', async () => {
    expect(await numbers(20)).to.deep.equal(['end']);
  });

  it('follow each other whoever placed them, without those of others', async () => {
    const ada = await room.account('ada');
    const self = { actor: `account:${JENNIFER}`, account: JENNIFER, scopes: new Set<never>() };
    await room.place([PHONE]);
    await room.place([PHONE], {}, ada);
    await room.orders.place(JENNIFER, orderOf([PHONE]), { ...room.caller, principal: self });
    await room.place([PHONE]);
    expect(await numbers(20)).to.deep.equal(['10004', '10003', '10001', 'end']);
    expect(await numbers(2)).to.deep.equal(['10004', '10003', 'more']);
    expect(await numbers(2, 'SO-10001' as OrderNumber)).to.deep.equal(['10001', 'end']);
    for (const from of ['SO-10002', 'SO-10009'] as OrderNumber[]) {
      expect(await codeOf(numbers(2, from))).to.equal('notFound');
    }
  });

  it('are all there though an older fobd wrote some, without the one before them', async () => {
    const olds = [9_998, 9_999, 10_000, 10_001, 100_000].map((id) => `SO-${id}` as OrderNumber);
    const { previous: _, ...order } = await room.place([PHONE]);
    await room.put(orderPaceKey(JENNIFER), { version: 1, placedAt: [] });
    for (const id of olds) await room.put(orderKey(id), { ...order, id });
    await room.put(ORDER_NUMBER_KEY, { version: 1, next: 100_001 });
    const before = ['100000', '10001', '10000', '9999', '9998'];
    expect(await numbers(20)).to.deep.equal([...before, 'end']);
    await room.place([PHONE]);
    await room.place([PHONE]);
    const all = ['100002', '100001', ...before];
    expect(await numbers(20)).to.deep.equal([...all, 'end']);
    for (const limit of [1, 2, 3, 4]) {
      const found: string[] = [];
      for (let from: string | undefined = undefined, more = true; more; ) {
        const page = await room.orders.latest({
          ...{ purchaser: JENNIFER, limit },
          from: from as OrderNumber | undefined,
        });
        found.push(...page.items.map(({ id }) => id.slice(3)));
        more = page.next !== null;
        from = page.next ?? undefined;
      }
      expect(found, `${limit} a page`).to.deep.equal(all);
    }
  });

  it('follow each other though they were placed at once', async () => {
    await Promise.all(Array.from({ length: 30 }, () => room.place([PHONE])));
    const all = await numbers(50);
    expect(all.slice(0, -1)).to.deep.equal(
      Array.from({ length: 30 }, (_, index) => String(10_030 - index)),
    );
  });
});

describe('the lines of an order', () => {
  const line: OrderLine = { product: 'phone', quantity: 1 };

  it('have a mark that stands for them, and for no others', () => {
    const subscription = 'SO-10001-1-1' as SubscriptionId;
    const others: readonly (readonly OrderLine[])[] = [
      [],
      [line],
      [line, line],
      [{ ...line, quantity: 2 }],
      [{ ...line, product: 'mobile-id' }],
      [{ ...line, recipient: 'ada@example.com' }],
      [{ ...line, additional: true }],
      [{ product: 'renewal', quantity: 1, subscription }],
      [line, { ...line, product: 'mobile-id' }],
      [{ ...line, product: 'mobile-id' }, line],
    ];
    expect(new Set(others.map(linesMark)).size).to.equal(others.length);
    expect(linesMark([{ ...line }])).to.equal(linesMark([{ quantity: 1, product: 'phone' }]));
  });

  it('are open, done or refused', () => {
    const order = { linesDone: 2, linesRefused: [2] };
    expect([0, 1, 2].map((place) => lineStateOf(order, place))).to.deep.equal([
      ...['done', 'refused', 'open'],
    ]);
  });
});
