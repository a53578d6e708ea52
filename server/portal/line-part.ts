import { PRODUCTS } from '../orders/catalogue.ts';
import type { OrderLine } from '../orders/record.ts';
import { type Html, html } from './html.ts';

/** Lines of a cart or an order, for whom or for what each is. */

export const lineName = ({ product }: OrderLine): string => PRODUCTS[product].name;

/** @param more of the line at `place`, under what is said of every line */
export const linesList = (
  lines: readonly OrderLine[],
  more: (line: OrderLine, place: number) => Html | undefined = () => undefined,
): Html =>
  html`<ul class="list">${lines.map(
    (line, place) => html`
<li><div class="head"><strong>${lineName(line)}</strong><span>${line.quantity}
<span class="quiet">${line.quantity === 1 ? 'piece' : 'pieces'}</span></span></div>
${forText(line)}${more(line, place)}</li>`,
  )}</ul>`;

function forText({ subscription, recipient, additional }: OrderLine): Html | undefined {
  if (subscription !== undefined) {
    return html`<div class="quiet wrap">For subscription ${subscription}</div>`;
  }
  if (recipient !== undefined) {
    return html`<div class="quiet wrap">For ${recipient}, who is mailed the license key</div>`;
  }
  return additional === true
    ? html`<div class="quiet">Beside one that could be renewed</div>`
    : undefined;
}
