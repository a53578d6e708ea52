import type { OrderState } from '../../shared/products.ts';
import type { AccountId, OrderNumber, Serial, SubscriptionId } from '../../shared/types.ts';
import type { Caller } from '../access/scopes.ts';
import type { ProductId } from './catalogue.ts';
import type { Address, CartRecord, OrderRecord, PaymentSource } from './record.ts';

/** A line as somebody chooses it. */
export interface ChosenLine {
  readonly product: ProductId;
  /** 1 to `QUANTITY_MAX`; default 1. */
  readonly quantity?: number | undefined;
  /** What a renewal or an upgrade is for. */
  readonly subscription?: SubscriptionId | undefined;
  /** E-mail address of the person for whom it is bought; default: the purchaser's own. */
  readonly recipient?: string | undefined;
  /** A new credential beside one that could be renewed. Default false. */
  readonly additional?: boolean | undefined;
  /** Of an upgrade: its requirements are understood. Default false. */
  readonly requirementsUnderstood?: boolean | undefined;
}

export interface NewCart {
  readonly lines: readonly ChosenLine[];
  /** `linesMark` of what was in it as these were chosen: another cart is not changed. */
  readonly reviewed?: string | undefined;
}

export interface NewOrder {
  /** Default: the cart's, which is empty afterwards. */
  readonly lines?: readonly ChosenLine[] | undefined;
  /** `linesMark` of the lines that the purchaser has seen: others are not ordered. */
  readonly reviewed?: string | undefined;
  /** Needed where something is sent by post, and kept only then. */
  readonly shipping?: Address | undefined;
  readonly billing: Address;
  readonly payment:
    | { readonly method: 'card' }
    | { readonly method: 'invoice'; readonly purchaseOrder: string };
  /** Whether the disclaimer was confirmed. */
  readonly disclaimer: boolean;
}

/** Money that came, as who vouches for it says. */
export interface ReceivedPayment {
  readonly order: OrderNumber;
  readonly source: PaymentSource;
  readonly reference: string;
}

/** Of no order that there is: its number, where it has the form of one. */
export type IgnoredPayment = Omit<ReceivedPayment, 'order'> & {
  readonly order?: OrderNumber | undefined;
};

/**
 * `paid`: by this payment. `known`: this payment was told of before. `unneeded`: the order is paid
 * already, or cancelled; the money is recorded for billing, and nothing is issued for it.
 */
export type PaymentResult = 'paid' | 'known' | 'unneeded';

export interface NewShipment {
  readonly carrier?: string | undefined;
  readonly tracking?: string | undefined;
  readonly serials?: readonly Serial[] | undefined;
}

export interface OrderQuery {
  readonly purchaser?: AccountId | undefined;
  readonly state?: OrderState | undefined;
  readonly purchaseOrder?: string | undefined;
  /** Of a card's payment. */
  readonly reference?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Whose order it must be; left out by staff, who see all. */
export interface Whose {
  readonly purchaser?: AccountId | undefined;
}

/** Orders of another account read `notFound`, as those that do not exist. */
export interface OrderService {
  /** @throws FobtwinError `notFound` */
  cart(account: AccountId): Promise<CartRecord | undefined>;
  /**
   * These lines and no others; none empties the cart.
   *
   * @throws FobtwinError `invalidInput`, what `place` throws of lines; `notAllowedNow` for another
   * cart than was reviewed
   */
  putCart(
    account: AccountId,
    lines: readonly ChosenLine[],
    caller: Caller,
    options?: Pick<NewCart, 'reviewed'>,
  ): Promise<CartRecord | undefined>;
  /**
   * These lines too: none that it has is lost, though two are adding at once.
   *
   * @throws FobtwinError as `putCart`
   */
  addToCart(
    account: AccountId,
    lines: readonly ChosenLine[],
    caller: Caller,
  ): Promise<CartRecord | undefined>;
  /**
   * @throws FobtwinError `disclaimerRequired`; `invalidInput`; of lines: `renewalNotOffered`,
   * `purchaseInstead` (revoked), `renewInstead` (a new one where a renewal is meant),
   * `confirmationRequired` (an upgrade), `wrongProduct` (it has proofing already), `exists` (it is
   * ordered already), `notFound` (no subscription that the account may order for); `notAllowedNow`
   * for an empty cart, or another than was reviewed; `tooManyRequests` for a person's 201st order
   * of a day
   */
  place(account: AccountId, order: NewOrder, caller: Caller): Promise<OrderRecord>;
  /** Those of them that it is ordered for, by whomever, and not carried out yet. */
  orderedFor(
    product: ProductId,
    subscriptions: readonly SubscriptionId[],
  ): Promise<ReadonlySet<SubscriptionId>>;
  /** @throws FobtwinError `notFound` */
  get(id: OrderNumber, whose?: Whose): Promise<OrderRecord>;
  /** Where its purchaser pays it by card; undefined where that is not to be, or by no link. */
  paymentLinkOf(order: OrderRecord): string | undefined;
  /** In order of their numbers; where several are asked for, a page may hold fewer than `limit`. */
  list(query: OrderQuery): Promise<{
    readonly items: readonly OrderRecord[];
    readonly next: string | null;
  }>;
  /**
   * A purchaser's orders, the newest first, from `from` on (default: the newest of all); `next` is
   * the `from` of those before.
   *
   * @throws FobtwinError `notFound` where `from` is none of them
   */
  latest(query: {
    readonly purchaser: AccountId;
    readonly from?: OrderNumber | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: readonly OrderRecord[]; readonly next: OrderNumber | null }>;
  /**
   * Money has come: the order is paid, once, and carried out. Nothing is issued before.
   *
   * @throws FobtwinError `notFound`
   */
  receive(
    payment: ReceivedPayment,
    caller: Caller,
  ): Promise<{ readonly result: PaymentResult; readonly order: OrderRecord }>;
  /** Audits money that came for no order of ours. */
  ignorePayment(payment: IgnoredPayment, caller: Caller): Promise<void>;
  /** @throws FobtwinError `notFound`, `notAllowedNow` once it is paid */
  cancel(id: OrderNumber, whose: Whose, caller: Caller): Promise<OrderRecord>;
  /** @throws FobtwinError `notFound`, `orderUnpaid`, `notAllowedNow` where nothing is sent */
  ship(id: OrderNumber, shipment: NewShipment, caller: Caller): Promise<OrderRecord>;
  /**
   * Other keys in place of those that nobody has used: only a hash is kept of a key, so none can be
   * shown again. The old ones are void from then on.
   *
   * @param which `sendings`: how often they had been sent as this was asked for; where they were
   * sent since, as by a second click, none are
   *
   * @throws FobtwinError `notFound`, `orderUnpaid`, `notAllowedNow` where every key is used,
   * `attemptsSpent`
   */
  sendKeysAgain(
    id: OrderNumber,
    which: Whose & {
      readonly subscription?: SubscriptionId | undefined;
      readonly sendings?: number | undefined;
    },
    caller: Caller,
  ): Promise<{ readonly order: OrderRecord; readonly sent: number }>;
}
