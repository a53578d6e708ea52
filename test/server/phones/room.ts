import { randomBytes } from 'node:crypto';
import type { Caller, ProvedBy } from '../../../server/access/scopes.ts';
import { type IssuedCodesRecord, issuedCodesKey } from '../../../server/accounts/issued-codes.ts';
import type { AuditEntry } from '../../../server/audit/entry.ts';
import type { CredentialService } from '../../../server/credentials/port.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
} from '../../../server/credentials/record.ts';
import { createCredentialService } from '../../../server/credentials/service.ts';
import type { ProductId } from '../../../server/orders/catalogue.ts';
import { credentialProduct } from '../../../server/orders/catalogue.ts';
import { createDelivery } from '../../../server/phones/delivery.ts';
import type { SendingRefusal } from '../../../server/phones/observer.ts';
import type { PhoneMessage, PhoneService } from '../../../server/phones/port.ts';
import { type PhoneKind, type PhonesRecord, phonesKey } from '../../../server/phones/record.ts';
import { createPhoneService } from '../../../server/phones/service.ts';
import { DEFAULT_SENDING_LIMITS, type SendingLimits } from '../../../server/phones/spending.ts';
import { put, replyOnly, type Store } from '../../../server/store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../../../server/subscriptions/record.ts';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import type {
  AccountId,
  Code,
  CredentialId,
  CredentialType,
  OrderNumber,
  PhoneId,
  Strength,
  SubscriptionId,
  UnixMillis,
} from '../../../shared/types.ts';
import {
  ISSUED_CODES_KEY,
  OWNER,
  openRoom as openTokens,
  type Room as TokenRoom,
} from '../tokens/room.ts';

/** The phones room over real credentials, tokens and a store in memory; texts come to a list. */

export const USER = 'blue_j' as AccountId;
export const US_NUMBER = '+12025550123';
export const US_SECOND = '+12025550124';
export const UK_NUMBER = '+447400123456';
const KEY = ISSUED_CODES_KEY;

export interface RoomOptions {
  readonly limits?: Partial<SendingLimits>;
  readonly countries?: readonly string[];
}

export class Room {
  readonly tokens: TokenRoom;
  readonly store: Store;
  readonly credentials: CredentialService;
  readonly phones: PhoneService;
  readonly texts: PhoneMessage[] = [];
  /** What has kept codes back. */
  readonly refusals: SendingRefusal[] = [];
  /** What the next delivery comes to instead. */
  fails = false;
  #subscriptions = 0;

  constructor(tokens: TokenRoom, { limits = {}, countries }: RoomOptions) {
    this.tokens = tokens;
    this.store = tokens.store;
    const notices = { write: () => [] };
    this.credentials = createCredentialService({
      store: tokens.store,
      tokens: tokens.tokens,
      notices,
      rootKey: new Uint8Array(32).fill(1),
    });
    const gateway = {
      name: 'list',
      takes: () => true,
      send: async (message: PhoneMessage) => {
        await Promise.resolve();
        if (this.fails) throw new Error('refused');
        this.texts.push(message);
      },
    };
    this.phones = createPhoneService({
      store: tokens.store,
      credentials: this.credentials,
      tokens: tokens.tokens,
      delivery: createDelivery([gateway]),
      onRefused: (by) => this.refusals.push(by),
      limits: { ...DEFAULT_SENDING_LIMITS, ...limits },
      countries,
      keys: { issuedCodes: KEY, verification: KEY, spending: KEY },
      rng: { bytes: (length) => randomBytes(length) },
    });
  }

  get now(): UnixMillis {
    return this.tokens.now;
  }

  pass(seconds: number): void {
    this.tokens.pass(seconds * 1000);
  }

  /** The person, signed in with `strength`; above the password by what is proofed. */
  person(strength: Strength, account = USER, proved: ProvedBy = { proofed: true }): Caller {
    const person = { actor: `account:${account}`, account, strength, scopes: new Set<never>() };
    const principal = strength === 'password' ? person : { ...person, proved };
    return { principal, now: this.now };
  }

  get staff(): Caller {
    return { principal: OWNER, now: this.now };
  }

  /** A subscription of `product`, its credentials at `stage`. */
  async subscribe(
    product: ProductId,
    {
      stage = 'registration',
      account = USER,
      expiresAt = yearAfter(this.now),
      credential: extra = {},
      organisation,
    }: {
      stage?: CredentialRecord['stage'];
      account?: AccountId;
      expiresAt?: UnixMillis;
      credential?: Partial<CredentialRecord>;
      /** Which one pays for it. */
      organisation?: string;
    } = {},
  ): Promise<SubscriptionId> {
    this.#subscriptions += 1;
    const order = `SO-${10_000 + this.#subscriptions}` as OrderNumber;
    const id = `${order}-1-1` as SubscriptionId;
    const { types, proofing } = credentialProduct(product);
    const { now } = this;
    const subscription: SubscriptionRecord = {
      ...{ version: 1, id, product, types, proofing, order, purchaser: account },
      ...{ purchasedAt: now, expiresAt, account, redeemedAt: now, stepsTaken: 0, renewals: [] },
      ...(organisation === undefined ? {} : { organisation }),
    };
    const credentials = types.map((type): CredentialRecord => {
      const ids = { id: credentialIdOf(id, type), subscription: id, type, account };
      return { version: 1, ...ids, stage, createdAt: now, ...extra };
    });
    const keys = [subscriptionKey(id), ...credentials.map((each) => credentialKey(each.id))];
    await this.store.transact(keys, () => ({
      writes: [
        put(subscriptionKey(id), subscription),
        ...credentials.map((each) => put(credentialKey(each.id), each)),
      ],
      auditDrafts: [],
      reply: undefined,
    }));
    return id;
  }

  async stageOf(subscription: SubscriptionId, type: CredentialType = 'phoneOtp') {
    const id: CredentialId = credentialIdOf(subscription, type);
    return (await this.credentials.get(USER, id)).credential.stage;
  }

  add(
    number: string,
    caller: Caller,
    { country = 'US', kind = 'text' }: { country?: string; kind?: PhoneKind } = {},
  ) {
    return this.phones.add({ account: USER, number, country, kind }, caller);
  }

  /** The code of the newest message. */
  code(): Code {
    const [code] = /\d{6}/.exec(this.texts.at(-1)?.text.replaceAll(', ', '') ?? '') ?? [];
    if (code === undefined) throw new Error('no code was sent');
    return code as Code;
  }

  /** Another code than the newest. */
  wrong(): Code {
    return String((Number(this.code()) + 1) % 1_000_000).padStart(6, '0') as Code;
  }

  verify(phone: PhoneId, code: Code, caller = this.person('password')) {
    return this.phones.verify({ account: USER, phone, code }, caller);
  }

  /** Adds a number and proves it; half a minute passes. */
  async proved(number: string, caller: Caller, options?: { country?: string }): Promise<PhoneId> {
    const { phone } = await this.add(number, caller, options);
    const { outcome } = await this.verify(phone.id, this.code(), caller);
    if (outcome !== 'accepted') throw new Error(outcome);
    this.pass(30);
    return phone.id;
  }

  send(phone: PhoneId, caller = this.person('password')) {
    return this.phones.send({ account: USER, phone }, caller);
  }

  issued(): Promise<IssuedCodesRecord | undefined> {
    return this.store.transact([issuedCodesKey(USER)], ([record]) => replyOnly(record));
  }

  record(): Promise<PhonesRecord | undefined> {
    return this.store.transact([phonesKey(USER)], ([record]) => replyOnly(record));
  }

  async actions(): Promise<readonly string[]> {
    return (await this.tokens.audit()).map(({ action }) => action);
  }

  async lastEntry(): Promise<AuditEntry | undefined> {
    return this.tokens.lastEntry();
  }
}

export async function openRoom(options: RoomOptions = {}): Promise<Room> {
  const tokens = await openTokens();
  await tokens.account(USER);
  return new Room(tokens, options);
}
