import type { AccountRecord } from '../../../server/accounts/record.ts';
import { createLabClock } from '../../../server/lab/clock.ts';
import type { LabClock } from '../../../server/lab/port.ts';
import { ORDERS, type OrderRecord } from '../../../server/orders/record.ts';
import type { Store } from '../../../server/store/port.ts';
import type { SubscriptionRecord } from '../../../server/subscriptions/record.ts';
import { FobtwinError } from '../../../shared/errors.ts';
import type { AccountId, Code, Serial, SubscriptionId, UnixMillis } from '../../../shared/types.ts';
import { ADDRESS, CredentialsRoom, credentialOf } from '../../server/credentials/room.ts';
import { GROUP, type Life, type Plan } from './plan.ts';

/**
 * The plan lived by the real rooms over a real store, by a lab's clock that stands still but for
 * its moves. Whatever is done is looked for first: a day that was broken off is lived again, and
 * comes to the same.
 */
export class World {
  readonly room: CredentialsRoom;
  readonly clock: LabClock;
  readonly refusals: string[] = [];
  readonly #plan: Plan;

  private constructor(store: Store, clock: LabClock, plan: Plan) {
    this.room = new CredentialsRoom(store);
    this.clock = clock;
    this.#plan = plan;
  }

  static async open(store: Store, plan: Plan): Promise<World> {
    const startAt = (plan.moments[0] ?? 0) as UnixMillis;
    const clock = await createLabClock({ store, systemClock: { now: () => startAt }, startAt });
    if (!clock.frozen) await clock.move({ frozen: true });
    const world = new World(store, clock, plan);
    world.room.now = clock.now();
    return world;
  }

  /** The day that the lab stands at. */
  get day(): number {
    return this.#plan.moments.indexOf(this.clock.now());
  }

  async live(onDay: (day: number) => void = () => undefined): Promise<void> {
    await this.#people();
    for (let { day } = this; ; day += 1) {
      onDay(day);
      await this.#liveDay(day);
      const next = this.#plan.moments[day + 1];
      if (next === undefined) return;
      await this.clock.move({ advanceMillis: next - this.clock.now() });
    }
  }

  async #liveDay(day: number): Promise<void> {
    const { room } = this;
    room.now = this.clock.now();
    for (const job of room.jobs) await job.run(room.now, { stepwise: true });
    const { lives } = this.#plan;
    await all(
      lives.filter(({ bought, unit }) => bought === day && unit === 1),
      (life) => this.#buy(life),
    );
    await all(
      lives.filter(({ redeemed }) => redeemed === day),
      (life) => this.#redeem(life),
    );
    await all(
      lives.filter(({ renewals }) => renewals.includes(day)),
      (life) => this.#renew(life, day),
    );
    await all(
      lives.filter(({ revoked }) => revoked === day),
      (life) => this.#revoke(life),
    );
  }

  /** Accounts, and a stocked token for each of those who register one. */
  async #people(): Promise<void> {
    const { room } = this;
    const known = new Set<string>();
    for (let after: string | null | undefined; after !== null; ) {
      const page: { items: readonly AccountRecord[]; next: string | null } =
        await room.accounts.list({ after, limit: 500 });
      for (const { id } of page.items) known.add(id);
      after = page.next;
    }
    const lacking = this.#plan.lives.filter(({ account }) => !known.has(account));
    await all(lacking, async ({ account, buyer }) => {
      const organisation = `The company of ${buyer}`;
      if (!known.has(buyer) && buyer !== account) {
        known.add(buyer);
        await room.person(buyer, { organisation, roles: ['organisationAdmin'] });
      }
      await room.person(account, buyer === account ? {} : { organisation });
    });
    await room.restock(this.#plan.lives.map(({ account }) => serialOf(account)));
  }

  async #buy({ buyer, account, product }: Life): Promise<void> {
    const quantity = buyer === account ? 1 : GROUP;
    const order = await this.#orderAt(buyer as AccountId, [
      { product, quantity, additional: true },
    ]);
    await this.#pay(order);
  }

  /** The order that was placed at this very moment, or one that is placed now. */
  async #orderAt(
    buyer: AccountId,
    lines: Parameters<CredentialsRoom['orders']['place']>[1]['lines'],
  ): Promise<OrderRecord> {
    const { room } = this;
    const orders = await this.#ordersOf(buyer);
    const placed = orders.find(({ placedAt }) => placedAt === room.now);
    if (placed !== undefined) return placed;
    const payment = { method: 'card' } as const;
    return room.orders.place(
      buyer,
      { lines, shipping: ADDRESS, billing: ADDRESS, payment, disclaimer: true },
      room.owner,
    );
  }

  async #ordersOf(purchaser: AccountId): Promise<readonly OrderRecord[]> {
    const range = { index: 'purchaser', value: purchaser, limit: 500 };
    return (await this.room.store.scan(ORDERS, range)).items;
  }

  async #pay({ id }: OrderRecord): Promise<void> {
    const payment = { order: id, source: 'manual', reference: `the only one of ${id}` } as const;
    await this.room.orders.receive(payment, this.room.owner);
    // One that was paid before a crash is carried out by its job.
    const { state } = await this.room.orders.get(id);
    if (state !== 'fulfilled') for (const job of this.room.jobs) await job.run(this.room.now);
  }

  async #subscription({ buyer, unit }: Life): Promise<SubscriptionRecord> {
    const [first] = (await this.#ordersOf(buyer as AccountId)).filter(({ lines }) =>
      lines.every(({ subscription }) => subscription === undefined),
    );
    if (first === undefined) throw new Error(`${buyer} has bought nothing`);
    return this.room.subscription({ subscription: `${first.id}-1-${unit}` as SubscriptionId });
  }

  async #redeem(life: Life): Promise<void> {
    const { room } = this;
    const account = life.account as AccountId;
    const caller = room.by(account);
    const { id, account: holder, types, proofing } = await this.#subscription(life);
    const bought = { subscription: id };
    if (holder === undefined) {
      await room.credentials.redeem(account, await room.licenceKey(id), caller);
    }
    if (proofing || !life.activated) return;
    for (const type of types) {
      const credential = credentialOf(bought, type);
      const { credential: record } = await room.credentials.get(account, credential);
      if (record.stage === 'activation') {
        await room.credentials.activate(account, credential, undefined, caller);
      }
    }
    if (life.registered && types.includes('hardwareToken')) await this.#register(life, id);
  }

  async #register({ account: name }: Life, subscription: SubscriptionId): Promise<void> {
    const { room } = this;
    const account = name as AccountId;
    const credential = credentialOf({ subscription }, 'hardwareToken');
    const { credential: record } = await room.credentials.get(account, credential);
    if (record.stage !== 'registration') return;
    const serial = serialOf(name);
    const step = Math.floor(room.now / 30_000);
    const [code1, code2] = [room.code(serial, step), room.code(serial, step + 1)];
    const { outcome } = await room.credentials.registerToken(
      { account, credential, serial, code1: code1 as Code, code2: code2 as Code },
      room.by(account),
    );
    if (outcome !== 'accepted') throw new Error(`${serial} came to ${outcome}`);
  }

  /** The own one, offered or not; of a group, all that the administrator's list offers. */
  async #renew(life: Life, day: number): Promise<void> {
    const { room } = this;
    const buyer = life.buyer as AccountId;
    const isGroup = life.buyer !== life.account;
    if (isGroup && life.unit !== 1) return;
    const placed = (await this.#ordersOf(buyer)).find(({ placedAt }) => placedAt === room.now);
    if (placed !== undefined) return this.#pay(placed);
    const offered = isGroup
      ? (await room.subscriptions.renewals({ account: buyer, of: 'others', limit: 500 }, room.now))
          .items
      : [await this.#subscription(life)];
    const lines = offered.map(({ id }) => ({ product: 'renewal' as const, subscription: id }));
    if (lines.length === 0) return;
    try {
      await this.#pay(await this.#orderAt(buyer, lines));
    } catch (error) {
      if (!(error instanceof FobtwinError)) throw error;
      this.refusals.push(`${life.account} on day ${day}: ${error.code}`);
    }
  }

  async #revoke(life: Life): Promise<void> {
    const { room } = this;
    const account = life.account as AccountId;
    if ((life.redeemed ?? Infinity) > this.day) return;
    const { id, types } = await this.#subscription(life);
    for (const type of types) {
      const command = { account, credential: credentialOf({ subscription: id }, type) };
      await room.credentials
        .revoke({ ...command, confirmed: true }, room.by(account))
        .catch(refuseUnlessRevoked);
    }
  }
}

export const serialOf = (account: string): Serial => `FT-${account}`.toUpperCase() as Serial;

function refuseUnlessRevoked(error: unknown): void {
  if (error instanceof FobtwinError && error.code === 'revoked') return;
  throw error;
}

const AT_ONCE = 100;

/** So many at once that they share a flush. */
async function all<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    await Promise.all(items.slice(from, from + AT_ONCE).map(work));
  }
}
