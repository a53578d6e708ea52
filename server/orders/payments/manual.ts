import type { OrderNumber } from '../../../shared/types.ts';
import type { ReceivedPayment } from '../port.ts';

/**
 * Somebody of billing has seen the money: an invoice that was paid, or a card that was charged
 * elsewhere. Who may say so is the scope `payments`'s to decide, and the audit log names him.
 *
 * @param reference of the bank's statement or the card's slip: said twice it is one payment
 */
export const manualPayment = (order: OrderNumber, reference: string): ReceivedPayment => ({
  order,
  source: 'manual',
  reference,
});
