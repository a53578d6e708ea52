import type { AccountId, OrderNumber, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { ProductId } from '../orders/catalogue.ts';
import type { SubscriptionRecord } from './record.ts';

/** An order's line that is carried out on a subscription: once, however often it is asked for. */
export interface PaidLine {
  readonly subscription: SubscriptionId;
  readonly order: OrderNumber;
  readonly line: number;
  readonly paidAt: UnixMillis;
}

/** What can be renewed, with whose it is and what it is of (seeds 000, 004). */
export interface RenewalQuery {
  /** Who asks: the own ones, or with the role `organisationAdmin` the organisation's. */
  readonly account: AccountId;
  readonly of: 'own' | 'organisation' | 'others';
  readonly product?: ProductId | undefined;
  readonly user?: AccountId | undefined;
  /** Only those that end, or ended, before this moment. */
  readonly before?: UnixMillis | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface SubscriptionService {
  /** @throws FobtwinError `notFound` */
  get(id: SubscriptionId): Promise<SubscriptionRecord>;
  list(query: {
    readonly account?: AccountId | undefined;
    readonly organisation?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: readonly SubscriptionRecord[]; readonly next: string | null }>;
  /** Those inside their eligibility period at `now`. @throws FobtwinError `forbidden` */
  renewals(
    query: RenewalQuery,
    now: UnixMillis,
  ): Promise<{ readonly items: readonly SubscriptionRecord[]; readonly next: string | null }>;
  /**
   * Another year, by a renewal that was paid: its tokens work again. Paid for when it was offered,
   * it is carried out though the offer has ended meanwhile, unless the subscription is revoked.
   *
   * @throws FobtwinError `revoked`
   */
  renew(line: PaidLine, caller: Caller): Promise<SubscriptionRecord>;
  /** Proofing of a subscription that was bought without. @throws FobtwinError `revoked` */
  upgrade(line: PaidLine, caller: Caller): Promise<SubscriptionRecord>;
  /**
   * Takes every step that is due: mails, each recorded once, and the revocation of what was not
   * renewed for a year. Whatever is judged by time is so already, run or not.
   *
   * @param stepwise each step at its own moment, as if the job had run then: a lab's clock jumps.
   * Default false: steps are taken at `now`, and of several reminders that are due only the last
   */
  runDue(now: UnixMillis, options?: { readonly stepwise?: boolean }): Promise<{ taken: number }>;
}
