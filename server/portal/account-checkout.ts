import { isShipped, linesMark, refuseUnreviewed } from '../orders/lines.ts';
import type { OrderLine, OrderRecord } from '../orders/record.ts';
import { CART_PATH, CHECKOUT_PATH, ORDER_PATH, ofOrder } from './account-links.ts';
import { prefilled, readCheckout } from './checkout-form.ts';
import { checkoutPage } from './checkout-pages.ts';
import type { Fields } from './forms.ts';
import { personAt, signInFirst } from './own.ts';
import { linesInCart, refuseGone } from './own-cart.ts';
import { type Refusal, replyWith, tryTo } from './refusal.ts';
import { messagePage } from './sign-in-pages.ts';
import { formTokenOf, type PageRoute, type Reply, type Seat, type Visit } from './visit.ts';

/** "Proceed to Checkout", and "Submit Order". */
export const CHECKOUT: PageRoute = { get: showCheckout, post: submit, stale: showAgain };

async function showCheckout(visit: Visit): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined) return signInFirst(CHECKOUT_PATH);
  const lines = await linesInCart(visit, seat);
  if (lines.length === 0) return { redirect: CART_PATH };
  return show(visit, seat, {
    lines,
    values: prefilled(seat.account, await lastOrder(visit, seat)),
  });
}

interface Showing {
  readonly lines: readonly OrderLine[];
  readonly values: Fields;
  readonly refusal?: Refusal;
}

function show(visit: Visit, seat: Seat, { lines, values, refusal }: Showing): Reply {
  const page = checkoutPage({
    ...{ person: seat, formToken: formTokenOf(visit), lines, isShipped: isShipped(lines) },
    ...{ values, refusal },
  });
  return replyWith(page, refusal);
}

async function lastOrder({ parts }: Visit, { account }: Seat): Promise<OrderRecord | undefined> {
  const { items } = await parts.orders.latest({ purchaser: account.id, limit: 1 });
  return items[0];
}

async function submit(visit: Visit, fields: Fields): Promise<Reply> {
  const { seat, parts } = visit;
  if (seat === undefined) return signInFirst(CHECKOUT_PATH);
  const lines = await linesInCart(visit, seat);
  const reviewed = fields.get('reviewed') ?? '';
  if (lines.length === 0) return ordered(visit, seat, reviewed);
  const shown = { lines, values: fields };
  const changed = await tryTo(async () => refuseUnreviewed(lines, reviewed));
  if ('refusal' in changed) return show(visit, seat, { ...shown, ...changed });
  const read = readCheckout(fields, isShipped(lines));
  if ('refusal' in read) return show(visit, seat, { ...shown, ...read });
  const order = { ...read.input, reviewed };
  const placed = await tryTo(() =>
    parts.orders.place(seat.account.id, order, personAt(visit, seat)).catch(refuseGone),
  );
  if ('done' in placed) return { redirect: `${ofOrder(ORDER_PATH, placed.done.id)}&done=placed` };
  const left = await linesInCart(visit, seat);
  // A second click overtook this one.
  if (left.length === 0) return ordered(visit, seat, reviewed);
  return show(visit, seat, { lines: left, values: fields, refusal: placed.refusal });
}

/** The session has ended before the form was sent: what was typed is not lost. */
async function showAgain(visit: Visit, values: Fields): Promise<Reply> {
  const { seat } = visit;
  if (seat === undefined)
    return { page: messagePage('You are signed out', SIGNED_OUT), status: 403 };
  const lines = await linesInCart(visit, seat);
  return lines.length === 0
    ? { redirect: CART_PATH }
    : show(visit, seat, { lines, values, refusal: { status: 403, lines: SIGNED_IN_AGAIN } });
}

const SIGNED_OUT = [
  'Your session has ended, and nothing was ordered.',
  'What you typed is not lost: sign in in another tab, then reload this page.',
];
const SIGNED_IN_AGAIN = [
  'You have signed in since this page was opened, and nothing was ordered.',
  'Review your order, and submit it again.',
];

/** The form was sent twice, or after a reload: what it ordered is told, and no more ordered. */
async function ordered(visit: Visit, seat: Seat, reviewed: string): Promise<Reply> {
  const last = await lastOrder(visit, seat);
  const isOfForm = last !== undefined && linesMark(last.lines) === reviewed;
  return { redirect: isOfForm ? `${ofOrder(ORDER_PATH, last.id)}&done=placed` : CART_PATH };
}
