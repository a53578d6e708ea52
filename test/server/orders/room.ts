import { randomBytes } from 'node:crypto';
import { type Caller, LOCAL_OWNER } from '../../../server/access/scopes.ts';
import { type AccountProfile, accountKey } from '../../../server/accounts/record.ts';
import type { AuditEntry } from '../../../server/audit/entry.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
} from '../../../server/credentials/record.ts';
import { KINDS } from '../../../server/kinds.ts';
import { NOTICES, type NoticeRecord } from '../../../server/notices/record.ts';
import { openSecrets } from '../../../server/notices/secrets.ts';
import { createNoticeWriter } from '../../../server/notices/writer.ts';
import {
  type LicenceKey,
  licenceKeyKey,
  licenceKeysKey,
} from '../../../server/orders/licence-key.ts';
import { type Orders, openOrders } from '../../../server/orders/open.ts';
import type { NewOrder } from '../../../server/orders/port.ts';
import type { Address, OrderRecord } from '../../../server/orders/record.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { type put, replyOnly, type Store } from '../../../server/store/port.ts';
import {
  SUBSCRIPTIONS,
  type SubscriptionRecord,
  subscriptionKey,
} from '../../../server/subscriptions/record.ts';
import { createSubscriptionService } from '../../../server/subscriptions/service.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, OrderNumber, SubscriptionId, UnixMillis } from '../../../shared/types.ts';

/** The room of orders over a store in memory, with the real rooms of subscriptions and notices. */

/** 2026-01-01T00:00:00Z. */
export const START = Date.UTC(2026, 0, 1) as UnixMillis;
export const DAY = 86_400_000;
export const RNG = { bytes: (length: number) => randomBytes(length), uniform: Math.random };
const ROOT_KEY = new Uint8Array(32).fill(1);
const NOTICES_KEY = new Uint8Array(32).fill(2);

export const JENNIFER = 'jennifer' as AccountId;
export const ADDRESS: Address = {
  name: 'Jennifer Blue',
  lines: ['1 Main Street'],
  city: 'Springfield',
  country: 'US',
};

/** A wish for an order that can be refused only for its lines. */
export const orderOf = (lines: NewOrder['lines'], rest: Partial<NewOrder> = {}): NewOrder => ({
  ...(lines === undefined ? {} : { lines }),
  shipping: ADDRESS,
  billing: ADDRESS,
  payment: { method: 'card' },
  disclaimer: true,
  ...rest,
});

export async function errorOf(work: Promise<unknown>): Promise<FobtwinError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FobtwinError) return error;
  throw error ?? new Error('nothing was refused');
}

export const codeOf = async (work: Promise<unknown>): Promise<string> => (await errorOf(work)).code;

/** Wraps the store that the room works on: one that fails now and then, say. */
export type Wrap = (store: Store) => Store;

export class Room {
  readonly store: Store;
  readonly orders: Orders['orders'];
  readonly job: Orders['ordersDue'];
  readonly logged: object[] = [];
  now: UnixMillis = START;

  constructor(store: Store, wrap: Wrap = (inner) => inner) {
    this.store = store;
    const notices = createNoticeWriter({ key: NOTICES_KEY, rng: RNG, lab: true });
    const opened = openOrders({
      ...{ store: wrap(store), notices, rootKey: ROOT_KEY, rng: RNG },
      subscriptions: createSubscriptionService({ store, notices }),
      log: { error: (details) => this.logged.push(details) },
    });
    this.orders = opened.orders;
    this.job = opened.ordersDue;
  }

  get caller(): Caller {
    return { principal: LOCAL_OWNER, now: this.now };
  }

  async account(id: string, profile: AccountProfile = {}): Promise<AccountId> {
    const account = id as AccountId;
    const email = `${id}@example.com`;
    const record = { version: 1, id: account, createdAt: START, serials: [], email } as const;
    await this.put(accountKey(account), { ...record, ...profile });
    return account;
  }

  put(key: Parameters<typeof put>[0], record: object): Promise<void> {
    return this.store.transact([key], () => ({
      writes: [{ key, record }],
      auditDrafts: [],
      reply: undefined,
    }));
  }

  place(lines: NewOrder['lines'], rest: Partial<NewOrder> = {}, account = JENNIFER) {
    return this.orders.place(account, orderOf(lines, rest), this.caller);
  }

  async pay(order: OrderNumber, reference = 'slip 1'): Promise<OrderRecord> {
    const payment = { order, reference, source: 'manual' } as const;
    return (await this.orders.receive(payment, this.caller)).order;
  }

  /** Placed and paid. */
  async buy(lines: NewOrder['lines'], account = JENNIFER): Promise<OrderRecord> {
    const { id } = await this.place(lines, {}, account);
    return this.pay(id, `slip of ${id}`);
  }

  /** As if the account had redeemed its licence key. */
  async redeemed(
    id: SubscriptionId,
    account: AccountId = JENNIFER,
    stage: CredentialRecord['stage'] = 'active',
  ): Promise<void> {
    const subscription = await this.subscription(id);
    await this.put(subscriptionKey(id), { ...subscription, account, redeemedAt: this.now });
    for (const type of subscription.types) {
      const credential: CredentialRecord = {
        version: 1,
        id: credentialIdOf(id, type),
        ...{ subscription: id, type, account, stage },
        createdAt: this.now,
      };
      await this.put(credentialKey(credential.id), credential);
    }
  }

  /** One that the account has bought and redeemed. */
  async owned(
    product: 'hardware-token' | 'phone' | 'phone-proofed' = 'hardware-token',
    account: AccountId = JENNIFER,
  ): Promise<SubscriptionId> {
    const { id } = await this.buy([{ product, additional: true }], account);
    const subscription = `${id}-1-1` as SubscriptionId;
    await this.redeemed(subscription, account);
    return subscription;
  }

  async subscription(id: SubscriptionId): Promise<SubscriptionRecord> {
    const found = await this.store.transact([subscriptionKey(id)], ([record]) => replyOnly(record));
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  async subscriptions(): Promise<readonly SubscriptionRecord[]> {
    return (await this.store.scan(SUBSCRIPTIONS, { limit: 500 })).items;
  }

  async notices(template?: NoticeRecord['template']): Promise<readonly NoticeRecord[]> {
    const { items } = await this.store.scan(NOTICES, { limit: 500 });
    return items.filter((notice) => template === undefined || notice.template === template);
  }

  /** What the mail says that only its reader knows. */
  secretOf(notice: NoticeRecord): LicenceKey {
    const secrets = openSecrets(NOTICES_KEY, notice.sealed ?? '', notice.id);
    return String(secrets?.['licenceKey']) as LicenceKey;
  }

  /** Whether the key can be redeemed, and what for. */
  async standsFor(key: LicenceKey): Promise<SubscriptionId | undefined> {
    const at = licenceKeyKey(key, licenceKeysKey(ROOT_KEY));
    const record = await this.store.transact([at], ([found]) => replyOnly(found));
    return record?.subscription;
  }

  async audit(action?: string): Promise<readonly AuditEntry[]> {
    const { items } = await this.store.auditPage({ after: 0, limit: 500 });
    return items.filter((entry) => action === undefined || entry.action === action);
  }

  wait(days: number): void {
    this.now = (this.now + days * DAY) as UnixMillis;
  }
}

export async function openRoom(wrap?: Wrap): Promise<Room> {
  const store = await openMemoryStore({
    kinds: KINDS,
    writer: 'test',
    auditKey: new Uint8Array(32),
  });
  const room = new Room(store, wrap);
  await room.account('jennifer', { organisation: 'Iron Builders' });
  return room;
}
