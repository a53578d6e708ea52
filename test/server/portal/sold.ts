import { ACTIVATION_CODE_PURPOSE } from '../../../server/credentials/activation-code.ts';
import { credentialProduct, type ProductId } from '../../../server/orders/catalogue.ts';
import {
  type LicenceKey,
  licenceKeyKey,
  licenceKeysKey,
  makeLicenceKey,
} from '../../../server/orders/licence-key.ts';
import type { ProofingService } from '../../../server/proofing/port.ts';
import { createProofingService } from '../../../server/proofing/service.ts';
import { put } from '../../../server/store/port.ts';
import { type SubscriptionRecord, subscriptionKey } from '../../../server/subscriptions/record.ts';
import { yearAfter } from '../../../server/subscriptions/terms.ts';
import { deriveKey } from '../../../server/vault/keys.ts';
import type { AccountId, OrderNumber, SubscriptionId } from '../../../shared/types.ts';
import { testRng } from '../../support/fob-env.ts';
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
