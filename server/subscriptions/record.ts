import type {
  AccountId,
  CredentialType,
  OrderNumber,
  SubscriptionId,
  UnixMillis,
} from '../../shared/types.ts';
import type { ProductId } from '../orders/catalogue.ts';
import { type Key, type Kind, keyOf } from '../store/port.ts';
import { dueDayOf, nextDue } from './terms.ts';

/** One renewal that was paid for. */
export interface RenewalRecord {
  readonly order: OrderNumber;
  /** The order's line, from 1: a line renews once, however often it is carried out. */
  readonly line: number;
  readonly at: UnixMillis;
  /** When the subscription ended until then, and when it ends since. */
  readonly from: UnixMillis;
  readonly to: UnixMillis;
}

/** The last so many; a year each. */
export const RENEWALS_KEPT_MAX = 50;

/** What was bought for a year: it entitles whoever redeems its licence key to credentials. */
export interface SubscriptionRecord {
  readonly version: 1;
  readonly id: SubscriptionId;
  /** As it was sold. */
  readonly product: ProductId;
  /** What its credentials' authenticators are, in the order of `CREDENTIAL_TYPES`. */
  readonly types: readonly CredentialType[];
  /** Whether identity proofing was bought, with it or later. */
  readonly proofing: boolean;
  readonly order: OrderNumber;
  /** Who bought it, and whose organisation pays. */
  readonly purchaser: AccountId;
  readonly organisation?: string;
  /** When it was paid: the year and the warranty run from here, whatever the activation date. */
  readonly purchasedAt: UnixMillis;
  /** From this moment on it is suspended. */
  readonly expiresAt: UnixMillis;
  /** Who has redeemed its licence key; it stays that account's. */
  readonly account?: AccountId;
  readonly redeemedAt?: UnixMillis;
  /** How many of `STEPS` have been taken since it was bought or renewed. */
  readonly stepsTaken: number;
  readonly renewals: readonly RenewalRecord[];
  /** Final. */
  readonly revokedAt?: UnixMillis;
}

export const SUBSCRIPTIONS: Kind<SubscriptionRecord> = {
  name: 'subscription',
  indexes: ['account', 'purchaser', 'organisation', 'due'],
  indexValues(index, record) {
    const { account, purchaser, organisation } = record;
    if (index === 'purchaser') return [purchaser];
    if (index === 'account') return account === undefined ? [] : [account];
    if (index === 'organisation') return organisation === undefined ? [] : [organisation];
    const due = nextDue(record);
    return due === undefined ? [] : [dueDayOf(due.at)];
  },
};

export const subscriptionKey = (id: SubscriptionId): Key<SubscriptionRecord> =>
  keyOf(SUBSCRIPTIONS, id);
