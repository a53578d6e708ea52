import { formatTime } from '../../shared/time.ts';
import type { OrderNumber, SubscriptionId, UnixMillis } from '../../shared/types.ts';
import type { AccountRecord } from '../accounts/record.ts';
import { addressesOf, type NoticeDraft } from '../notices/port.ts';
import type { SubscriptionRecord } from '../subscriptions/record.ts';
import { PRODUCTS } from './catalogue.ts';
import type { LicenceKey } from './licence-key.ts';
import { linesText } from './lines.ts';
import type { OrderLine, OrderRecord, Payment, Shipment } from './record.ts';

/** What is written to people about their orders: to whom, and what it says. */

/** Each mail of an order has an id of its own, so that it is written once. */
export const confirmationId = (order: OrderNumber): string => `${order}:orderConfirmation`;
export const invoiceId = (order: OrderNumber): string => `${order}:invoice`;
export const cancelledId = (order: OrderNumber): string => `${order}:orderCancelled`;
/** @param line from 1 */
export const refusedId = (order: OrderNumber, line: number): string =>
  `${order}:lineRefused:${line}`;
/** @param parcel from 1 */
export const shippedId = (order: OrderNumber, parcel: number): string =>
  `${order}:shipped:${parcel}`;
/** @param sending 0 for the first, then how often keys were sent again */
export const licenceKeyId = (subscription: SubscriptionId, sending: number): string =>
  `${subscription}:licenceKey:${sending}`;

/** How it is paid, in one phrase. */
export const paymentName = (payment: Payment): string =>
  payment.method === 'card' ? 'card' : `purchase order ${payment.purchaseOrder}`;

/**
 * To the purchaser, when it is placed: a confirmation, and an invoice where one is wanted.
 *
 * @param paymentLink where it is paid by card, if anywhere
 */
export function placedMails(
  { id, lines, payment, placedAt }: OrderRecord,
  account: AccountRecord,
  paymentLink: string | undefined,
): readonly NoticeDraft[] {
  const common = { to: addressesOf(account), account: account.id, at: placedAt };
  const told = { order: id, lines: linesText(lines) };
  const confirmation: NoticeDraft = {
    ...common,
    id: confirmationId(id),
    template: 'orderConfirmation',
    values: {
      ...told,
      payment: [paymentName(payment), paymentLink].filter(Boolean).join(', at '),
    },
  };
  if (payment.method === 'card') return [confirmation];
  const { purchaseOrder } = payment;
  const invoice: NoticeDraft = {
    ...common,
    id: invoiceId(id),
    template: 'invoice',
    values: { ...told, purchaseOrder },
  };
  return [confirmation, invoice];
}

export const cancelledMail = (
  { id, purchaser }: OrderRecord,
  account: AccountRecord | undefined,
  at: UnixMillis,
): NoticeDraft => ({
  id: cancelledId(id),
  template: 'orderCancelled',
  to: addressesOf(account ?? {}),
  account: purchaser,
  at,
  values: { order: id },
});

/** To the purchaser, whose money it is: a line of the order came too late. */
export const refusedMail = (
  { id, purchaser }: OrderRecord,
  { product, subscription = '-' as SubscriptionId }: OrderLine,
  account: AccountRecord | undefined,
  { line, at }: { readonly line: number; readonly at: UnixMillis },
): NoticeDraft => ({
  id: refusedId(id, line),
  template: 'lineRefused',
  to: addressesOf(account ?? {}),
  account: purchaser,
  at,
  values: { order: id, product: PRODUCTS[product].name, subscription },
});

export const shippedMail = (
  { id, purchaser }: OrderRecord,
  { shippedAt, carrier = '-', tracking = '-' }: Shipment,
  account: AccountRecord | undefined,
  parcel: number,
): NoticeDraft => ({
  id: shippedId(id, parcel),
  template: 'shipped',
  to: addressesOf(account ?? {}),
  account: purchaser,
  at: shippedAt,
  values: { order: id, shipped: formatTime(shippedAt), carrier, tracking },
});

export interface KeyMail {
  readonly order: OrderRecord;
  readonly line: OrderLine;
  readonly subscription: SubscriptionRecord;
  readonly key: LicenceKey;
  readonly purchaser: AccountRecord | undefined;
  readonly sending: number;
  readonly at: UnixMillis;
}

/** To the purchaser; or to the person it was bought for, and then to nobody else. */
export function licenceKeyMail(mail: KeyMail): NoticeDraft {
  const { order, line, subscription, key, purchaser, sending, at } = mail;
  const { id, product, expiresAt } = subscription;
  const common = { id: licenceKeyId(id, sending), at, secrets: { licenceKey: key } };
  const values = {
    order: order.id,
    product: PRODUCTS[product].name,
    subscription: id,
    expires: formatTime(expiresAt),
  };
  if (line.recipient === undefined) {
    const to = addressesOf(purchaser ?? {});
    return { ...common, template: 'licenceKey', to, account: order.purchaser, values };
  }
  const organisation = order.organisation ?? purchaser?.name ?? order.purchaser;
  return {
    ...common,
    template: 'sponsoredKey',
    to: [line.recipient],
    values: { ...values, organisation },
  };
}
