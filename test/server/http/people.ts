import { type AccountProfile, accountKey } from '../../../server/accounts/record.ts';
import {
  type CredentialRecord,
  credentialIdOf,
  credentialKey,
} from '../../../server/credentials/record.ts';
import { put } from '../../../server/store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../../../server/subscriptions/record.ts';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import type {
  AccountId,
  CredentialType,
  OrderNumber,
  Serial,
  SubscriptionId,
  UnixMillis,
} from '../../../shared/types.ts';
import { type Served, STEP_MILLIS, timeCode, timeEntry } from './served.ts';

/** People of a served fobd: with a password, perhaps a token, roles and what they have bought. */

export const PASSWORD = 'correct horse battery staple';

export interface Person extends AccountProfile {
  /** Of a time token that is stocked and registered to the account. */
  readonly serial?: string;
}

export async function addPerson(served: Served, id: string, person: Person = {}): Promise<void> {
  const { serial, ...profile } = person;
  const key = await served.key();
  const added = await served.send({ path: '/v1/accounts', key, body: { id, ...profile } });
  if (added.status !== 201) throw new Error(added.text);
  const path = `/v1/accounts/${id}/password`;
  const set = await served.send({ method: 'PUT', path, key, body: { password: PASSWORD } });
  if (set.status !== 200) throw new Error(set.text);
  if (serial === undefined) return;
  await served.stock(timeEntry(serial));
  await served.register(serial, id);
}

/** Signs in and lets the codes that were used pass. @returns the session's token */
export async function signIn(served: Served, user: string, code?: string): Promise<string> {
  const key = await served.key('sessions');
  const body = { user, password: PASSWORD, ...(code === undefined ? {} : { code }) };
  const { json, text } = await served.send({ path: '/v1/sessions', key, body });
  if (typeof json['sessionToken'] !== 'string') throw new Error(text);
  if (code !== undefined) pass(served, STEP_MILLIS);
  return json['sessionToken'];
}

/** With the code that the token shows. */
export const signInWith = (served: Served, user: string, serial: string): Promise<string> =>
  signIn(served, user, timeCode(serial, served.clock.at));

export function pass(served: Served, millis: number): void {
  served.clock.at = (served.clock.at + millis) as UnixMillis;
}

export interface Bought {
  readonly account: string;
  readonly type: CredentialType;
  readonly stage?: CredentialRecord['stage'];
  readonly serial?: string;
  /** Default `SO-10001-1-1`. */
  readonly subscription?: string;
}

const PRODUCTS = {
  phoneOtp: 'phone',
  mobileId: 'mobile-id',
  hardwareToken: 'hardware-token',
} as const satisfies Record<CredentialType, string>;

/** A subscription of this moment, redeemed, its one credential at `registration`. */
export async function buy(
  served: Served,
  { account, type, stage = 'registration', serial, subscription: id = 'SO-10001-1-1' }: Bought,
): Promise<CredentialRecord> {
  const at = served.clock.at;
  const subscription: SubscriptionRecord = {
    version: 1,
    id: id as SubscriptionId,
    product: PRODUCTS[type],
    types: [type],
    proofing: stage === 'proofing',
    order: 'SO-10001' as OrderNumber,
    purchaser: account as AccountId,
    purchasedAt: at,
    expiresAt: yearAfter(at),
    account: account as AccountId,
    redeemedAt: at,
    stepsTaken: 0,
    renewals: [],
  };
  const credential: CredentialRecord = {
    version: 1,
    id: credentialIdOf(subscription.id, type),
    subscription: subscription.id,
    type,
    account: account as AccountId,
    stage,
    ...(stage === 'proofing' ? { proofing: { state: 'due' } } : {}),
    ...(serial === undefined ? {} : { serial: serial as Serial }),
    createdAt: at,
  };
  const keys = [subscriptionKey(subscription.id), credentialKey(credential.id)] as const;
  await served.store.transact(keys, () => ({
    writes: [put(keys[0], subscription), put(keys[1], credential)],
    auditDrafts: [],
    reply: undefined,
  }));
  return credential;
}

export const accountOf = (served: Served, id: string) =>
  served.store.transact([accountKey(id as AccountId)], ([account]) => ({
    writes: [],
    auditDrafts: [],
    reply: account,
  }));
