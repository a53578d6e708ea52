import { PRODUCTS } from '../orders/catalogue.ts';
import { linesMark, QUANTITY_MAX } from '../orders/lines.ts';
import type { OrderLine } from '../orders/record.ts';
import {
  type AccountView,
  CART_PATH,
  CHECKOUT_PATH,
  ORDERS_PATH,
  STORE_PATH,
  tabs,
} from './account-links.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { lineName, linesList } from './line-part.ts';
import { markOf, type Note, noteOf, type Page } from './page.ts';
import { hidden } from './sign-in-pages.ts';

/** The cart: quantities, what is taken out again, "Proceed to Checkout". */

export interface CartView extends AccountView {
  readonly lines: readonly OrderLine[];
  readonly note: Note | undefined;
  /** Of the line whose quantity was refused, with what was typed. */
  readonly place?: number | undefined;
  readonly typed?: string | undefined;
}

export function cartPage(view: CartView): Page {
  const { person, lines, note } = view;
  return {
    title: 'Cart',
    failed: note !== undefined && !note.good,
    person,
    narrow: false,
    body: html`${tabs('orders')}<h1>Cart</h1>
${noteOf(note)}${lines.length === 0 ? EMPTY : fullCart(view)}`,
  };
}

const EMPTY = html`<section class="sheet" aria-labelledby="empty">
<h2 id="empty">Your cart is empty</h2>
<div class="row"><a class="button" href="${STORE_PATH}">Go to the store</a>
<a class="button second" href="${ORDERS_PATH}">Orders</a></div></section>`;

function fullCart(view: CartView): Html {
  const { lines } = view;
  const form = stepForm(view);
  const count = lines.length === 1 ? 'One line' : `${lines.length} lines`;
  return html`<section class="sheet" aria-labelledby="lines"><h2 id="lines">${count}</h2>
${linesList(lines, (line, place) => lineForms(line, place, view))}
<div class="row"><a class="button" href="${CHECKOUT_PATH}">Proceed to Checkout</a>
<a class="button second" href="${STORE_PATH}">Add more</a>
${form('empty', html`<button class="second">Empty the cart</button>`)}</div></section>`;
}

const stepForm =
  ({ lines, formToken }: CartView) =>
  (step: string, inside: Html): Html =>
    html`<form method="post" action="${CART_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden('step', step)}${hidden('reviewed', linesMark(lines))}${
  inside
}</form>`;

function lineForms(line: OrderLine, place: number, view: CartView): Html {
  const form = stepForm(view);
  const isRefused = place === view.place && view.note?.good !== true;
  const of = html`<span class="unseen"> of ${lineName(line)}</span>`;
  const id = `quantity${place + 1}`;
  const quantity = html`${hidden('line', String(place))}<label for="${id}">Quantity${of}</label>
<div class="row tight"><input class="number" id="${id}" name="quantity" type="number" min="1"
 max="${QUANTITY_MAX}" required value="${(isRefused ? view.typed : undefined) ?? line.quantity}"${
   isRefused ? markOf(view.note) : ''
 }><button class="second">Update${of}</button></div>`;
  return html`<div class="row end">${
    PRODUCTS[line.product].kind === 'credential' ? form('change', quantity) : ''
  }${form(
    'remove',
    html`${hidden('line', String(place))}<button class="second">Remove<span class="unseen">
${lineName(line)}</span></button>`,
  )}</div>`;
}
