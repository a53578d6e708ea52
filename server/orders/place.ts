import { isDeepStrictEqual } from 'node:util';
import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import type { AccountId, OrderNumber } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import type { Caller } from '../access/scopes.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { NoticeWriter } from '../notices/port.ts';
import { noticeKey } from '../notices/record.ts';
import {
  type Also,
  type Decision,
  type Key,
  put,
  remove,
  replyOnly,
  type Store,
} from '../store/port.ts';
import { readFacts } from './facts.ts';
import { isShipped, readLines, refuseUnreviewed } from './lines.ts';
import { placedMails } from './mails.ts';
import { judgeLines } from './offer.ts';
import { orderPaceKey, paceWrites } from './pace.ts';
import { paymentLinkOf } from './payments/link.ts';
import type { NewOrder } from './port.ts';
import {
  type CartRecord,
  cartKey,
  FIRST_ORDER_NUMBER,
  type OpenOrderRecord,
  ORDER_NUMBER_KEY,
  type OrderLine,
  type OrderRecord,
  openOrderKey,
  orderKey,
} from './record.ts';

/**
 * Placing an order: its number is taken in the very decision that writes it, so that numbers have
 * no gap. What may be ordered is judged before, since that takes an index, and no decision reads
 * one: it begins again where the cart has changed meanwhile.
 */

const ROUNDS_MAX = 8;

export interface PlacingParts {
  readonly store: Pick<Store, 'transact' | 'scan'>;
  readonly notices: NoticeWriter;
  /** Where orders by card are paid, if anywhere. */
  readonly paymentLink: URL | undefined;
}

export async function placeOrder(
  account: AccountId,
  order: NewOrder,
  caller: Caller,
  parts: PlacingParts,
): Promise<OrderRecord> {
  if (!order.disclaimer) {
    throw new FobtwinError('disclaimerRequired', 'The disclaimer is not confirmed.', {
      nextStep: 'Review it, and send disclaimer: true.',
      errors: [{ field: '/disclaimer', code: 'required' }],
    });
  }
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const placed = await tryToPlace(account, order, caller, parts);
    if (placed !== undefined) return placed;
  }
  throw new FobtwinError('unavailable', 'This cart is changing just now.', {
    nextStep: 'Try again.',
  });
}

/** What an order is made from, judged and ready. */
interface Placing extends Pick<PlacingParts, 'notices' | 'paymentLink'> {
  readonly account: AccountRecord;
  readonly lines: readonly OrderLine[];
  /** As it was when the lines were judged; undefined where the lines are not its. */
  readonly cart: CartRecord | undefined;
  readonly order: NewOrder;
  readonly caller: Caller;
  /** The purchaser's order before it. */
  readonly after?: OrderNumber | undefined;
}

/** Undefined where it must begin again. */
async function tryToPlace(
  id: AccountId,
  order: NewOrder,
  caller: Caller,
  { store, ...further }: PlacingParts,
): Promise<OrderRecord | undefined> {
  const cart = await store.transact([cartKey(id)], ([kept]) => replyOnly(kept));
  const isOfCart = order.lines === undefined;
  const lines = order.lines === undefined ? (cart?.lines ?? []) : readLines(order.lines);
  const facts = await readFacts(id, lines, store);
  if (lines.length === 0) throw nothingChosen();
  refuseUnreviewed(lines, order.reviewed);
  judgeLines(lines, facts, caller.now);
  if (isShipped(lines) && order.shipping === undefined) {
    throw invalidInput('/shipping', 'required', 'Something of this order is sent by post.', {
      nextStep: 'Say where to.',
    });
  }
  const keys = [ORDER_NUMBER_KEY, cartKey(id), orderPaceKey(id), ...openedBy(lines)] as const;
  const placing: Placing = {
    ...{ account: facts.account, lines, order, caller, ...further },
    cart: isOfCart ? cart : undefined,
  };
  return store.transact(
    keys,
    ([numbers, kept, pace, ...open], also): Decision<OrderRecord | undefined> => {
      if (isOfCart && !isDeepStrictEqual(kept, cart)) return replyOnly(undefined);
      refuseOrdered(lines, open);
      const number = numbers?.next ?? FIRST_ORDER_NUMBER;
      // Nothing is written that was not read.
      also(orderKey(orderNumber(number)));
      const paced = paceWrites(id, pace, orderNumber(number), caller);
      const decision = placed(number, { ...placing, after: pace?.lastOrder }, also);
      return { ...decision, writes: [...decision.writes, ...paced] };
    },
  );
}

/** The order with all that goes with it. */
function placed(
  number: number,
  { account, lines, cart, order, caller, notices, paymentLink, after }: Placing,
  also: Also,
): Decision<OrderRecord> {
  const { shipping, billing, payment } = order;
  const record: OrderRecord = {
    version: 1,
    id: orderNumber(number),
    purchaser: account.id,
    ...(account.organisation === undefined ? {} : { organisation: account.organisation }),
    lines,
    // Kept where it is needed, and only there.
    ...(shipping !== undefined && isShipped(lines) ? { shipping } : {}),
    billing,
    payment,
    disclaimerAt: caller.now,
    state: 'placed',
    placedAt: caller.now,
    linesDone: 0,
    shipments: [],
    ...(after === undefined ? {} : { previous: after }),
  };
  const mails = placedMails(record, account, paymentLinkOf(record, paymentLink));
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const details = { order: record.id, lines: lines.length, units, payment: payment.method };
  return {
    writes: [
      put(ORDER_NUMBER_KEY, { version: 1, next: number + 1 }),
      put(orderKey(record.id), record),
      ...openedBy(lines).map((key) => put(key, { version: 1, order: record.id } as const)),
      ...(cart === undefined ? [] : [remove(cartKey(account.id))]),
      ...mails.flatMap((mail) => notices.write(mail, also(noticeKey(mail.id)))),
    ],
    auditDrafts: [draftOf(caller, 'placeOrder', { account: account.id, details })],
    reply: record,
  };
}

/** Under which no second order of the same is taken. */
export const openedBy = (lines: readonly OrderLine[]): Key<OpenOrderRecord>[] =>
  lines.flatMap(({ product, subscription }) =>
    subscription === undefined ? [] : [openOrderKey(subscription, product)],
  );

/** Who ordered it may be somebody else: its number is not told. */
function refuseOrdered(
  lines: readonly OrderLine[],
  open: readonly (OpenOrderRecord | undefined)[],
): void {
  const place = open.findIndex((record) => record !== undefined);
  if (place === -1) return;
  const subscription = lines.flatMap((line) => line.subscription ?? [])[place];
  throw new FobtwinError('exists', `This is ordered for subscription ${subscription} already.`, {
    nextStep: 'Wait until that order is carried out, or have it cancelled.',
  });
}

const orderNumber = (number: number): OrderNumber => `SO-${number}` as OrderNumber;

const nothingChosen = (): FobtwinError =>
  new FobtwinError('notAllowedNow', 'The cart is empty.', {
    nextStep: 'Put into it what you want, and order then.',
  });
