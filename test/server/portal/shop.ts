import { NOTICES, type NoticeRecord } from '../../../server/notices/record.ts';
import { openSecrets } from '../../../server/notices/secrets.ts';
import type { ChosenLine, OrderService } from '../../../server/orders/port.ts';
import type { OrderRecord } from '../../../server/orders/record.ts';
import type { AccountId, OrderNumber } from '../../../shared/types.ts';
import {
  NOTICES_KEY,
  openWorld,
  type Shown,
  USER,
  type Visitor,
  type World,
  type WorldOptions,
} from './world.ts';

/** Somebody who has signed in to buy, and what it comes to. */

export const ACCOUNT = USER as AccountId;
export const STORE = '/account/store';
export const CART = '/account/store/cart';
export const CHECKOUT = '/account/store/checkout';
export const PHONE: ChosenLine = { product: 'phone' };
export const TOKEN: ChosenLine = { product: 'hardware-token' };

export const ADDRESS = {
  'billing-name': 'Jennifer Blue',
  'billing-organisation': 'Iron Builders',
  'billing-lines': '1 Main Street\nSuite 5',
  'billing-city': 'Springfield',
  'billing-region': 'Virginia',
  'billing-postcode': '22150',
  'billing-country': 'US',
};
/** A whole checkout by invoice. */
export const INVOICE = {
  ...ADDRESS,
  shipTo: 'billing',
  method: 'invoice',
  purchaseOrder: 'PO-4711',
  disclaimer: 'yes',
};

export class Shop {
  readonly world: World;
  readonly visitor: Visitor;

  constructor(world: World, visitor: Visitor) {
    this.world = world;
    this.visitor = visitor;
  }

  get orders(): OrderService {
    return this.world.orders;
  }

  /** By the store's page. */
  async add(fields: Readonly<Record<string, string>>): Promise<Shown> {
    await this.visitor.get(STORE);
    return this.visitor.submit({ quantity: '1', recipient: '', ...fields });
  }

  /** By the service. */
  async fill(...lines: readonly ChosenLine[]): Promise<void> {
    await this.orders.addToCart(ACCOUNT, lines, this.world.bought.person('password'));
  }

  async checkOut(fields: Readonly<Record<string, string>> = INVOICE): Promise<Shown> {
    await this.visitor.get(CHECKOUT);
    return this.visitor.submit(fields);
  }

  async order(id = 'SO-10001'): Promise<OrderRecord> {
    return this.orders.get(id as OrderNumber);
  }

  async ordered(): Promise<readonly OrderNumber[]> {
    const { items } = await this.orders.latest({ purchaser: ACCOUNT, limit: 50 });
    return items.map(({ id }) => id);
  }

  async quantities(): Promise<readonly number[]> {
    return (await this.orders.cart(ACCOUNT))?.lines.map(({ quantity }) => quantity) ?? [];
  }

  async pay(id = 'SO-10001'): Promise<void> {
    const order = id as OrderNumber;
    const payment = { order, source: 'manual', reference: `slip of ${id}` } as const;
    await this.orders.receive(payment, this.world.caller());
  }

  async mails(template: NoticeRecord['template']): Promise<readonly NoticeRecord[]> {
    const { items } = await this.world.room.store.scan(NOTICES, { limit: 500 });
    return items.filter((mail) => mail.template === template);
  }

  /** That were mailed, the first first. */
  async licenceKeys(): Promise<readonly string[]> {
    return (await this.mails('licenceKey')).map(({ id, sealed = '' }) =>
      String(openSecrets(NOTICES_KEY, sealed, id)?.['licenceKey']),
    );
  }

  close(): Promise<void> {
    return this.world.close();
  }

  async redeem(licenceKey = ''): Promise<Shown> {
    await this.visitor.get('/account/otp/get');
    return this.visitor.submit({ licenceKey });
  }
}

/** Names of the fields that a page marks as refused. */
export const marked = ({ html }: Shown): readonly (string | undefined)[] =>
  Array.from(html.matchAll(/ name="([^"]+)"[^>]* aria-invalid="true"/g), ([, name]) => name);

export async function openShop(options: WorldOptions = {}): Promise<Shop> {
  const world = await openWorld(options);
  const profile = { email: 'jennifer@example.com', legalName: 'Jennifer Blue', country: 'US' };
  await world.room.accounts.change(ACCOUNT, profile, world.caller());
  return new Shop(world, await world.signedIn());
}
