import { FobtwinError } from '../../shared/errors.ts';
import type { ChosenLine } from '../orders/port.ts';
import type { CartRecord, OrderLine } from '../orders/record.ts';
import { personAt } from './own.ts';
import { type Tried, tryTo } from './refusal.ts';
import type { Seat, Visit } from './visit.ts';

/** The own cart: what is in it, and what is put into it, whichever page it is chosen on. */

export const linesInCart = async (
  { parts }: Visit,
  { account }: Seat,
): Promise<readonly OrderLine[]> => (await parts.orders.cart(account.id))?.lines ?? [];

export const tryToAdd = (
  visit: Visit,
  seat: Seat,
  lines: readonly ChosenLine[],
): Promise<Tried<CartRecord | undefined>> =>
  tryTo(() => visit.parts.orders.addToCart(seat.account.id, lines, personAt(visit, seat)));

/** A subscription that is not the person's to order for any more belongs on the page. */
export function refuseGone(error: unknown): never {
  if (!(error instanceof FobtwinError) || error.code !== 'notFound') throw error;
  throw new FobtwinError('notAllowedNow', 'A subscription of the cart is not yours to order for.', {
    nextStep: 'Take its line out of the cart.',
  });
}
