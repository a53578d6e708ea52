import { createHash } from 'node:crypto';
import { FobtwinError, invalidInput } from '../../shared/errors.ts';
import { PRODUCTS, type SubscriptionProduct } from './catalogue.ts';
import type { ChosenLine } from './port.ts';
import type { OrderLine, OrderRecord } from './record.ts';

/** The lines of a cart or an order by themselves: how many, how much, and what each must say. */

export const LINES_MAX = 20;
/** Of one line. */
export const QUANTITY_MAX = 100;
/** Of all lines together. */
export const UNITS_MAX = 200;

/**
 * @throws FobtwinError `invalidInput` naming the line's field, or `confirmationRequired`
 */
export function readLines(chosen: readonly ChosenLine[]): readonly OrderLine[] {
  if (chosen.length > LINES_MAX) {
    throw invalidInput('/lines', 'tooMany', `An order has at most ${LINES_MAX} lines.`, {
      nextStep: 'Order the rest by itself.',
    });
  }
  const lines = chosen.map(readLine);
  refuseTwice(lines);
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  if (units > UNITS_MAX) {
    throw invalidInput('/lines', 'tooLarge', `An order has at most ${UNITS_MAX} units in all.`, {
      nextStep: 'Order the rest by itself.',
    });
  }
  return lines;
}

function readLine(chosen: ChosenLine, place: number): OrderLine {
  const product = PRODUCTS[chosen.product];
  const field = (name: keyof ChosenLine) => `/lines/${place}/${name}`;
  if (product.kind !== 'credential') return readForSubscription(chosen, product, field);
  const { quantity = 1, recipient, additional } = chosen;
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > QUANTITY_MAX) {
    const code = quantity > QUANTITY_MAX ? 'tooLarge' : 'tooSmall';
    throw invalidInput(field('quantity'), code, `A line has 1 to ${QUANTITY_MAX} units.`);
  }
  if (chosen.subscription !== undefined) {
    throw invalidInput(field('subscription'), 'notAllowed', 'This product is for nothing else.', {
      nextStep: 'Name a subscription with a renewal or a proofing upgrade.',
    });
  }
  return {
    product: chosen.product,
    quantity,
    ...(recipient === undefined ? {} : { recipient }),
    ...(additional === true ? { additional } : {}),
  };
}

function readForSubscription(
  { product, quantity = 1, subscription, recipient, requirementsUnderstood }: ChosenLine,
  { kind, name }: SubscriptionProduct,
  field: (name: keyof ChosenLine) => string,
): OrderLine {
  if (subscription === undefined) {
    throw invalidInput(field('subscription'), 'required', `${name} is for a subscription.`, {
      nextStep: 'Name the subscription.',
    });
  }
  if (quantity !== 1) {
    throw invalidInput(field('quantity'), 'notAllowed', `${name} is bought once.`);
  }
  if (recipient !== undefined) {
    throw invalidInput(field('recipient'), 'notAllowed', `${name} has no license key to mail.`);
  }
  if (kind === 'renewal') return { product, quantity, subscription };
  if (requirementsUnderstood !== true) {
    throw new FobtwinError('confirmationRequired', 'Proofing has requirements.', {
      nextStep: 'Read them, and confirm with requirementsUnderstood that they are understood.',
      errors: [{ field: field('requirementsUnderstood'), code: 'required' }],
    });
  }
  return { product, quantity, subscription, requirementsUnderstood };
}

function refuseTwice(lines: readonly OrderLine[]): void {
  const seen = new Set<string>();
  for (const [place, { product, subscription }] of lines.entries()) {
    if (subscription === undefined) continue;
    const what = `${product} ${subscription}`;
    if (seen.has(what)) {
      const field = `/lines/${place}/subscription`;
      throw invalidInput(field, 'duplicate', 'This subscription stands in two lines.', {
        nextStep: 'Leave one of them out.',
      });
    }
    seen.add(what);
  }
}

/** Whether anything of it is sent by post. */
export const isShipped = (lines: readonly Pick<OrderLine, 'product'>[]): boolean =>
  lines.some(({ product: id }) => {
    const product = PRODUCTS[id];
    return product.kind === 'credential' && product.isShipped;
  });

/** Stands for these lines, each as it is and in this order, and for no others. */
export const linesMark = (lines: readonly OrderLine[]): string =>
  createHash('sha256')
    .update(
      JSON.stringify(
        lines.map(({ product, quantity, subscription, recipient, additional }) => [
          ...[product, quantity, subscription ?? null, recipient ?? null, additional ?? false],
        ]),
      ),
    )
    .digest('base64url');

/**
 * Who changes or orders what a page showed wants that, and nothing that came into it since.
 *
 * @param reviewed `linesMark` of what was shown; absent: nobody asks
 * @throws FobtwinError `notAllowedNow`
 */
export function refuseUnreviewed(lines: readonly OrderLine[], reviewed: string | undefined): void {
  if (reviewed === undefined || reviewed === linesMark(lines)) return;
  throw new FobtwinError('notAllowedNow', 'The cart was changed after it was reviewed.', {
    nextStep: 'Review what it holds now, and try again.',
  });
}

/** `refused`: it was paid and could not be carried out; its money is to be given back. */
export type LineState = 'open' | 'done' | 'refused';

/** @param place from 0 */
export function lineStateOf(
  { linesDone, linesRefused = [] }: Pick<OrderRecord, 'linesDone' | 'linesRefused'>,
  place: number,
): LineState {
  if (linesRefused.includes(place + 1)) return 'refused';
  return place < linesDone ? 'done' : 'open';
}

/** A line's units are counted through: the first to the last. */
export const rangeText = (ids: readonly string[]): string =>
  ids.length > 1 ? `${ids[0]} to ${ids.at(-1)}` : (ids[0] ?? '-');

/** For mails: one line a line. */
export const linesText = (lines: readonly OrderLine[]): string => lines.map(lineText).join('\n');

function lineText({ product, quantity, subscription, recipient }: OrderLine): string {
  const forWhat = subscription ?? recipient;
  return `${quantity} x ${PRODUCTS[product].name}${forWhat === undefined ? '' : ` for ${forWhat}`}`;
}
