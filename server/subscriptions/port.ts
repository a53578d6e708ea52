import type {
  AccountId,
  CredentialType,
  OrderNumber,
  SubscriptionId,
  UnixMillis,
} from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { CredentialRecord } from '../credentials/record.ts';
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
export interface RenewalQuery extends PageQuery {
  /** Who asks: the own ones, or with the role `organisationAdmin` the organisation's. */
  readonly account: AccountId;
  /** `own`: held, or bought and not redeemed by anybody yet. */
  readonly of: 'own' | 'organisation' | 'others';
  /** Only with a credential of it. */
  readonly type?: CredentialType | undefined;
  readonly product?: ProductId | undefined;
  readonly user?: AccountId | undefined;
  /** Only those that end, or ended, before this moment. */
  readonly before?: UnixMillis | undefined;
}

/** Both where both are given. */
export interface SubscriptionFilter {
  /** Who has redeemed it. */
  readonly account?: AccountId | undefined;
  /** Which one pays for it. */
  readonly organisation?: string | undefined;
}

export interface PageQuery {
  readonly after?: string | undefined;
  /** 1 to 500. */
  readonly limit: number;
}

/** `next` may be there though no more follow: a page ends after so many that were looked at. */
export interface SubscriptionPage {
  readonly items: readonly SubscriptionRecord[];
  readonly next: string | null;
}

/** A subscription with its credentials: none until its licence key is redeemed. */
export interface SubscriptionDetail {
  readonly subscription: SubscriptionRecord;
  readonly credentials: readonly CredentialRecord[];
}

export interface SubscriptionService {
  /** @throws FobtwinError `notFound` */
  get(id: SubscriptionId): Promise<SubscriptionRecord>;
  list(query: PageQuery & SubscriptionFilter): Promise<SubscriptionPage>;
  /**
   * Those that the organisation of an `organisationAdmin` pays for.
   *
   * @throws FobtwinError `forbidden` for everybody else
   */
  ofOrganisation(query: PageQuery & { readonly account: AccountId }): Promise<SubscriptionPage>;
  /** Those inside their eligibility period at `now`. @throws FobtwinError `forbidden` */
  renewals(query: RenewalQuery, now: UnixMillis): Promise<SubscriptionPage>;
  /** Those of which a step falls due within so many days (1 to 366), in order of the day. */
  upcoming(
    query: PageQuery & SubscriptionFilter & { readonly days: number },
    now: UnixMillis,
  ): Promise<SubscriptionPage>;
  /** The same subscriptions with their credentials, in their order. */
  detailsOf(items: readonly SubscriptionRecord[]): Promise<readonly SubscriptionDetail[]>;
  /**
   * Another year, by a renewal that was paid: its tokens work again. Paid before the year after
   * the expiry was over, it is carried out even later, unless the subscription has been revoked
   * meanwhile.
   *
   * @throws FobtwinError `revoked`, `notFound`
   */
  renew(line: PaidLine, caller: Caller): Promise<SubscriptionRecord>;
  /**
   * Proofing of a subscription that was bought without: due from now on, while what works already
   * works on. Nothing where it has it.
   *
   * @throws FobtwinError `revoked`, `notFound`
   */
  upgrade(line: PaidLine, caller: Caller): Promise<SubscriptionRecord>;
  /**
   * Takes every step that is due: mails, each recorded once, and the revocation of what was not
   * renewed for a year. Whatever is judged by time is so already, run or not.
   *
   * @param stepwise each step at its own moment, as if the job had run then: a lab's clock jumps.
   * Default false: steps are taken at `now`, and a reminder that the next step has overtaken is
   * not written any more
   */
  runDue(now: UnixMillis, options?: { readonly stepwise?: boolean }): Promise<{ taken: number }>;
}
