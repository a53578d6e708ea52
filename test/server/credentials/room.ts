import { randomBytes } from 'node:crypto';
import { LOCAL_OWNER, type Principal, type ProvedBy } from '../../../server/access/scopes.ts';
import type { AccountProfile } from '../../../server/accounts/record.ts';
import { createCredentialService } from '../../../server/credentials/service.ts';
import { KINDS } from '../../../server/kinds.ts';
import type { DueJob } from '../../../server/lab/port.ts';
import type { NoticeWriter } from '../../../server/notices/port.ts';
import { NOTICES, type NoticeRecord, noticeKey } from '../../../server/notices/record.ts';
import { openSecrets } from '../../../server/notices/secrets.ts';
import { createNoticeWriter } from '../../../server/notices/writer.ts';
import type { ProductId } from '../../../server/orders/catalogue.ts';
import { type LicenceKey, parseLicenceKey } from '../../../server/orders/licence-key.ts';
import { licenceKeyId } from '../../../server/orders/mails.ts';
import { openOrders } from '../../../server/orders/open.ts';
import { openMemoryStore } from '../../../server/store/memory.ts';
import { replyOnly, type Store } from '../../../server/store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../../../server/subscriptions/record.ts';
import {
  createSubscriptionService,
  subscriptionsDue,
} from '../../../server/subscriptions/service.ts';
import { createPolicy } from '../../../server/verification/policy.ts';
import type { Rng } from '../../../shared/rng.ts';
import type {
  AccountId,
  CredentialId,
  CredentialType,
  OrderNumber,
  Serial,
  Strength,
  SubscriptionId,
  UnixMillis,
} from '../../../shared/types.ts';
import { Room as TokensRoom } from '../tokens/room.ts';

/** The rooms of a credential's life, the real ones, over one store: what is bought is redeemed. */

export const DAY = 86_400_000;
export const ROOT_KEY = new Uint8Array(32).fill(1);
const NOTICES_KEY = new Uint8Array(32).fill(2);
const rng: Rng = { bytes: (length) => randomBytes(length), uniform: Math.random };

export const ADDRESS = {
  name: 'Jennifer Blue',
  lines: ['1 Iron Road'],
  city: 'Reston',
  country: 'US',
} as const;

/** Somebody who has signed in to the own account; above the password by what is proofed. */
export const person = (
  account: AccountId,
  strength: Strength = 'password',
  proved: ProvedBy = { proofed: true },
): Principal => ({
  actor: `account:${account}`,
  account,
  strength,
  ...(strength === 'password' ? {} : { proved }),
  scopes: new Set(),
});

export interface Bought {
  readonly order: OrderNumber;
  readonly subscription: SubscriptionId;
  readonly key: LicenceKey;
}

export class CredentialsRoom extends TokensRoom {
  readonly notices: NoticeWriter;
  readonly subscriptions: ReturnType<typeof createSubscriptionService>;
  readonly credentials: ReturnType<typeof createCredentialService>;
  readonly orders: ReturnType<typeof openOrders>['orders'];
  readonly jobs: readonly DueJob[];
  #payments = 0;

  constructor(store: Store) {
    super(store, createPolicy({}), true);
    this.notices = createNoticeWriter({ key: NOTICES_KEY, rng, lab: true });
    const parts = { store, notices: this.notices, rootKey: ROOT_KEY };
    this.subscriptions = createSubscriptionService(parts);
    this.credentials = createCredentialService({ ...parts, tokens: this.tokens });
    const log = { error: (details: object) => console.error(details) };
    const { subscriptions } = this;
    const { orders, ordersDue } = openOrders({ ...parts, subscriptions, rng, log });
    this.orders = orders;
    this.jobs = [ordersDue, subscriptionsDue(subscriptions)];
  }

  /** Whoever administers fobd. */
  get owner() {
    return this.as(LOCAL_OWNER);
  }

  by(account: AccountId, strength?: Strength, proved?: ProvedBy) {
    return this.as(person(account, strength, proved));
  }

  async person(name: string, profile: AccountProfile = {}): Promise<AccountId> {
    const id = name as AccountId;
    await this.accounts.add({ id, email: `${name}@example.com`, ...profile }, this.owner);
    return id;
  }

  /** Ordered and paid at once. */
  async buy(
    purchaser: AccountId,
    product: ProductId = 'hardware-token',
    options: { readonly quantity?: number } = {},
  ): Promise<Bought> {
    const placed = await this.orders.place(
      purchaser,
      {
        lines: [{ product, additional: true, ...options }],
        shipping: ADDRESS,
        billing: ADDRESS,
        payment: { method: 'card' },
        disclaimer: true,
      },
      this.owner,
    );
    await this.pay(placed.id);
    const subscription = `${placed.id}-1-1` as SubscriptionId;
    return { order: placed.id, subscription, key: await this.licenceKey(subscription) };
  }

  async pay(order: OrderNumber): Promise<void> {
    this.#payments += 1;
    const reference = `payment ${this.#payments} of ${order}`;
    await this.orders.receive({ order, source: 'manual', reference }, this.owner);
  }

  /** As it stands in the mail that came first. */
  async licenceKey(subscription: SubscriptionId): Promise<LicenceKey> {
    const place = noticeKey(licenceKeyId(subscription, 0));
    const mail = await this.store.transact([place], ([found]) => replyOnly(found));
    const secrets = mail?.sealed && openSecrets(NOTICES_KEY, mail.sealed, mail.id);
    const key = secrets && parseLicenceKey(secrets['licenceKey'] ?? '');
    if (!key) throw new Error(`no licence key of ${subscription} was mailed`);
    return key;
  }

  /** Bought and redeemed by the same person. */
  async redeemed(account: AccountId, product: ProductId = 'hardware-token'): Promise<Bought> {
    const bought = await this.buy(account, product);
    await this.credentials.redeem(account, bought.key, this.by(account));
    return bought;
  }

  /** Likewise, activated, and its hardware token registered. */
  async working(
    account: AccountId,
    serial: string,
    product: ProductId = 'hardware-token',
  ): Promise<Bought & { readonly credential: CredentialId; readonly serial: Serial }> {
    const bought = await this.redeemed(account, product);
    const credential = credentialOf(bought, 'hardwareToken');
    await this.credentials.activate(account, credential, undefined, this.by(account));
    await this.stock(serial);
    const [code1, code2] = this.pair(serial as Serial);
    const command = { account, credential, serial: serial as Serial, code1, code2 };
    const { outcome } = await this.credentials.registerToken(command, this.by(account));
    if (outcome !== 'accepted') throw new Error(`registration came to ${outcome}`);
    return { ...bought, credential, serial: serial as Serial };
  }

  /** A renewal that was paid for now. */
  renew({ subscription }: Pick<Bought, 'subscription'>, order: string, line = 1) {
    const paid = { subscription, order: order as OrderNumber, line, paidAt: this.now };
    return this.subscriptions.renew(paid, this.owner);
  }

  async subscription({ subscription }: Pick<Bought, 'subscription'>): Promise<SubscriptionRecord> {
    const record = await this.store.transact([subscriptionKey(subscription)], ([found]) =>
      replyOnly(found),
    );
    if (record === undefined) throw new Error(`there is no ${subscription}`);
    return record;
  }

  async mails(): Promise<readonly NoticeRecord[]> {
    const mails: NoticeRecord[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const range = after === '' ? { limit: 500 } : { limit: 500, after };
      const page: { items: readonly NoticeRecord[]; next: string | null } = await this.store.scan(
        NOTICES,
        range,
      );
      mails.push(...page.items);
      after = page.next;
    }
    return mails;
  }

  /** Ids of what was written about the subscription's steps. */
  async stepMails({ subscription }: Pick<Bought, 'subscription'>): Promise<readonly string[]> {
    const ofSteps = /:(expiryReminder|expired|revocationReminder|revoked):/;
    return (await this.mails())
      .filter(({ id }) => id.startsWith(`${subscription}:`) && ofSteps.test(id))
      .toSorted((a, b) => a.at - b.at)
      .map(({ id }) => id.slice(subscription.length + 1));
  }

  until(at: number): void {
    this.now = at as UnixMillis;
  }
}

export const credentialOf = (
  { subscription }: Pick<Bought, 'subscription'>,
  type: CredentialType,
): CredentialId => `${subscription}.${type}` as CredentialId;

export const openStore = (): Promise<Store> =>
  openMemoryStore({ kinds: KINDS, writer: 'test', auditKey: new Uint8Array(32) });

export const openCredentialsRoom = async (): Promise<CredentialsRoom> =>
  new CredentialsRoom(await openStore());
