import { FobtwinError } from '../../shared/errors.ts';
import type { OrderState } from '../../shared/products.ts';
import type { OrderNumber } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import { accountKey } from '../accounts/record.ts';
import type { NoticeWriter } from '../notices/port.ts';
import { type NoticeRecord, noticeKey } from '../notices/record.ts';
import { type Decision, put, remove, replyOnly, type Store } from '../store/port.ts';
import { isShipped } from './lines.ts';
import { cancelledId, cancelledMail, shippedId, shippedMail } from './mails.ts';
import { openedBy } from './place.ts';
import type { IgnoredPayment, NewShipment, PaymentResult, ReceivedPayment, Whose } from './port.ts';
import {
  type OrderRecord,
  orderKey,
  RECEIPTS_MAX,
  type Receipt,
  SHIPMENTS_MAX,
  type Shipment,
} from './record.ts';

/** What becomes of an order once it is placed, but for its being carried out. */

export interface ChangeParts {
  readonly store: Pick<Store, 'transact'>;
  readonly notices: NoticeWriter;
}

/** @throws FobtwinError `notFound`, also for another account's */
export function existing(order: OrderRecord | undefined, { purchaser }: Whose = {}): OrderRecord {
  const isTheirs = purchaser === undefined || order?.purchaser === purchaser;
  if (order !== undefined && isTheirs) return order;
  throw unknownOrder();
}

export const unknownOrder = (): FobtwinError =>
  new FobtwinError('notFound', 'There is no order of this number.', {
    nextStep: 'Look at the list of orders.',
  });

export const readOrder = async (
  id: OrderNumber,
  whose: Whose,
  store: Pick<Store, 'transact'>,
): Promise<OrderRecord> =>
  existing(await store.transact([orderKey(id)], ([order]) => replyOnly(order)), whose);

interface Received {
  readonly result: PaymentResult;
  readonly order: OrderRecord;
}

/** One durable decision: paid, or what else the money is. */
export const receivePayment = (
  payment: ReceivedPayment,
  caller: Caller,
  { store }: Pick<ChangeParts, 'store'>,
): Promise<Received> =>
  store.transact([orderKey(payment.order)], ([order]) =>
    received(existing(order), payment, caller),
  );

function received(
  order: OrderRecord,
  { source, reference }: ReceivedPayment,
  caller: Caller,
): Decision<Received> {
  const { id, purchaser, receipts = [], payment } = order;
  const isKnown = receipts.some((each) => each.source === source && each.reference === reference);
  if (isKnown) return replyOnly({ result: 'known', order });
  const result = order.state === 'placed' ? 'paid' : 'unneeded';
  const { now: at } = caller;
  const receipt: Receipt = {
    ...{ source, reference, at },
    ...(result === 'unneeded' ? { unneeded: true } : {}),
  };
  const noted: OrderRecord = {
    ...order,
    // Beyond that many somebody is playing: the audit log has the rest.
    receipts: receipts.length < RECEIPTS_MAX ? [...receipts, receipt] : receipts,
  };
  const paid: OrderRecord = {
    ...noted,
    state: 'paid',
    paidAt: at,
    payment: payment.method === 'card' ? { ...payment, reference } : payment,
  };
  const after = result === 'paid' ? paid : noted;
  const details = { order: id, source, reference, result, state: order.state };
  return {
    writes: [put(orderKey(id), after)],
    auditDrafts: [draftOf(caller, 'receivePayment', { account: purchaser, details })],
    reply: { result, order: after },
  };
}

export async function cancelOrder(
  id: OrderNumber,
  whose: Whose,
  caller: Caller,
  { store, notices }: ChangeParts,
): Promise<OrderRecord> {
  const { lines, purchaser } = await readOrder(id, whose, store);
  const opened = openedBy(lines);
  const keys = [
    orderKey(id),
    accountKey(purchaser),
    noticeKey(cancelledId(id)),
    ...opened,
  ] as const;
  return store.transact(keys, ([found, account, notice]) => {
    const order = existing(found as OrderRecord | undefined);
    if (order.state !== 'placed') throw notNow(order.state, 'cannot be cancelled any more');
    const after: OrderRecord = { ...order, state: 'cancelled', cancelledAt: caller.now };
    const mail = cancelledMail(order, account, caller.now);
    const details = { order: id };
    return {
      writes: [
        put(orderKey(id), after),
        ...opened.map(remove),
        ...notices.write(mail, notice as NoticeRecord | undefined),
      ],
      auditDrafts: [draftOf(caller, 'cancelOrder', { account: purchaser, details })],
      reply: after,
    };
  });
}

export async function shipOrder(
  id: OrderNumber,
  { carrier, tracking, serials }: NewShipment,
  caller: Caller,
  { store, notices }: ChangeParts,
): Promise<OrderRecord> {
  const { purchaser } = await readOrder(id, {}, store);
  const mails = Array.from({ length: SHIPMENTS_MAX }, (_, parcel) => shippedId(id, parcel + 1));
  const keys = [orderKey(id), accountKey(purchaser), ...mails.map(noticeKey)] as const;
  return store.transact(keys, ([found, account, ...written]) => {
    const order = shippable(existing(found as OrderRecord | undefined));
    const shipment: Shipment = {
      shippedAt: caller.now,
      ...(carrier === undefined ? {} : { carrier }),
      ...(tracking === undefined ? {} : { tracking }),
      ...(serials === undefined ? {} : { serials }),
    };
    const parcel = order.shipments.length + 1;
    const after: OrderRecord = { ...order, shipments: [...order.shipments, shipment] };
    const mail = shippedMail(order, shipment, account, parcel);
    const details = { order: id, parcel, tokens: serials?.length ?? null };
    return {
      writes: [put(orderKey(id), after), ...notices.write(mail, written[parcel - 1])],
      auditDrafts: [draftOf(caller, 'shipOrder', { account: purchaser, details })],
      reply: after,
    };
  });
}

function shippable(order: OrderRecord): OrderRecord {
  if (order.state === 'placed') throw orderUnpaid();
  if (order.state === 'cancelled') throw notNow(order.state, 'is not sent');
  if (!isShipped(order.lines)) {
    throw new FobtwinError('notAllowedNow', 'Nothing of this order is sent by post.', {
      nextStep: 'Its license keys were mailed.',
    });
  }
  if (order.shipments.length < SHIPMENTS_MAX) return order;
  throw new FobtwinError('notAllowedNow', `An order has at most ${SHIPMENTS_MAX} parcels.`, {
    nextStep: 'Write further ones down elsewhere.',
  });
}

export const orderUnpaid = (): FobtwinError =>
  new FobtwinError('orderUnpaid', 'Nothing is issued before the payment.', {
    nextStep: 'Pay the order; what it is for follows by itself.',
  });

export const notNow = (state: OrderState, refused: string): FobtwinError =>
  new FobtwinError('notAllowedNow', `An order that is ${state} ${refused}.`, {
    nextStep: 'Speak with billing.',
  });

/** Of money that came for no order of ours. */
export const ignorePayment = (
  { order, source, reference }: IgnoredPayment,
  caller: Caller,
  { store }: Pick<ChangeParts, 'store'>,
): Promise<void> =>
  store.transact([], () => ({
    writes: [],
    auditDrafts: [
      draftOf(caller, 'ignorePayment', { details: { order: order ?? null, source, reference } }),
    ],
    reply: undefined,
  }));
