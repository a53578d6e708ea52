import { expect } from 'chai';
import { ACTIVATION_CODE_PURPOSE } from '../../../server/credentials/activation-code.ts';
import { credentialIdOf } from '../../../server/credentials/record.ts';
import { credentialProduct, type ProductId } from '../../../server/orders/catalogue.ts';
import {
  type LicenceKey,
  licenceKeyKey,
  licenceKeysKey,
  makeLicenceKey,
} from '../../../server/orders/licence-key.ts';
import type { ProofingService } from '../../../server/proofing/port.ts';
import { createProofingService } from '../../../server/proofing/service.ts';
import { put, replyOnly } from '../../../server/store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../../../server/subscriptions/record.ts';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import { deriveKey } from '../../../server/vault/keys.ts';
import type { AccountId, OrderNumber, Serial, SubscriptionId } from '../../../shared/types.ts';
import { testRng } from '../../support/fob-env.ts';
import type { Room as Phones } from '../phones/room.ts';
import type { Room } from '../tokens/room.ts';

/** What a person of the portal has bought, and who proofs him. */

/** Who buys for everybody. */
const SELLER = 'seller' as AccountId;
/** What the rooms of the business derive their keys from. */
export const BUSINESS_KEY = new Uint8Array(32).fill(1);

export interface Sold {
  readonly id: SubscriptionId;
  readonly key: LicenceKey;
}

/** @param nth of all that are sold */
export async function sell(
  product: ProductId,
  nth: number,
  { store, now }: Pick<Room, 'store' | 'now'>,
): Promise<Sold> {
  const order = `SO-${20_000 + nth}` as OrderNumber;
  const id = `${order}-1-1` as SubscriptionId;
  const { types, proofing } = credentialProduct(product);
  const subscription: SubscriptionRecord = {
    ...{ version: 1, id, product, types, proofing, order, purchaser: SELLER },
    ...{ purchasedAt: now, expiresAt: yearAfter(now), stepsTaken: 0, renewals: [] },
  };
  const key = makeLicenceKey(testRng);
  const place = licenceKeyKey(key, licenceKeysKey(BUSINESS_KEY));
  const licence = { version: 1, id: place.id, subscription: id, issuedAt: now } as const;
  await store.transact([subscriptionKey(id), place], () => ({
    writes: [put(subscriptionKey(id), subscription), put(place, licence)],
    auditDrafts: [],
    reply: undefined,
  }));
  return { id, key };
}

/** A hardware token, registered by whoever has redeemed the subscription. */
export async function tokenOf(
  id: SubscriptionId,
  name: string,
  { room, bought }: { readonly room: Room; readonly bought: Phones },
): Promise<Serial> {
  const account = await room.store.transact([subscriptionKey(id)], ([found]) =>
    replyOnly(found?.account),
  );
  if (account === undefined) throw new Error(`nobody has redeemed ${id}`);
  const serial = await room.stock(name);
  const [code1, code2] = room.pair(serial);
  const { outcome } = await bought.credentials.registerToken(
    { account, credential: credentialIdOf(id, 'hardwareToken'), serial, code1, code2 },
    bought.person('password', account),
  );
  expect(outcome).to.equal('accepted');
  return serial;
}

/** Asks one question, of which `blue` is right. */
export const openProofing = ({ store }: Room): ProofingService =>
  createProofingService({
    store,
    notices: { write: () => [] },
    provider: {
      begin: async () => ({
        inquiry: 'inquiry-1',
        questions: [
          {
            id: 'door',
            text: 'Which colour had your <first> door?',
            choices: [
              { id: 'red', text: 'Red' },
              { id: 'blue', text: 'Blue' },
            ],
          },
        ],
      }),
      judge: async (_inquiry, { door }) => (door === 'blue' ? 'passed' : 'failed'),
    },
    activationKey: deriveKey(BUSINESS_KEY, ACTIVATION_CODE_PURPOSE),
    rng: testRng,
  });
