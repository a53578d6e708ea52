import type { OrderState } from '../../shared/products.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import { expectedBy } from '../orders/delivery.ts';
import { unitsOf } from '../orders/fulfil.ts';
import { hasKeysToSend } from '../orders/keys-again.ts';
import { lineStateOf, rangeText } from '../orders/lines.ts';
import { paymentName } from '../orders/mails.ts';
import type { Address, OrderLine, OrderRecord, Shipment } from '../orders/record.ts';
import {
  type AccountView,
  CANCEL_PATH,
  CART_PATH,
  GET_PATH,
  ORDER_PATH,
  ORDERS_PATH,
  ofOrder,
  STORE_PATH,
  tabs,
} from './account-links.ts';
import { day, moment } from './dates.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { lineName, linesList } from './line-part.ts';
import { type Note, noteOf, type Page } from './page.ts';
import { countryName } from './phone-pages.ts';
import type { Refusal } from './refusal.ts';
import { hidden } from './sign-in-pages.ts';

/** The person's orders: the list, one with its payment and shipments, and what Cancel asks. */

export interface OrdersView extends AccountView {
  /** The newest first. */
  readonly orders: readonly OrderRecord[];
  /** Where older ones begin. */
  readonly older: string | undefined;
  /** These are not the newest. */
  readonly isLater: boolean;
}

const STATE_NAMES: Readonly<Record<OrderState, string>> = {
  placed: 'Waiting for payment',
  paid: 'Paid',
  fulfilled: 'Completed',
  cancelled: 'Cancelled',
};

const NEXT_TITLES: Readonly<Record<OrderState, string>> = {
  placed: 'How to pay',
  paid: 'Payment received',
  fulfilled: 'Carried out',
  cancelled: 'Nothing to pay',
};

const stateOf = ({ state }: OrderRecord): Html =>
  html`<span class="state${state === 'paid' || state === 'fulfilled' ? ' good' : ''}">${
    STATE_NAMES[state]
  }</span>`;

export function ordersPage({ person, orders, older, isLater }: OrdersView): Page {
  return {
    title: 'Orders',
    person,
    narrow: false,
    body: html`${tabs('orders')}<h1>Orders</h1>
<section class="sheet" aria-labelledby="list"><h2 id="list">Your orders, the newest first</h2>${
      orders.length === 0
        ? html`<p class="last">You have ordered nothing yet.</p>`
        : html`<ul class="list">${orders.map(orderRow)}</ul>`
    }${
      older === undefined && !isLater
        ? ''
        : html`<div class="row">${
            isLater ? html`<a class="button second" href="${ORDERS_PATH}">The newest</a>` : ''
          }${
            older === undefined
              ? ''
              : html`<a class="button second" href="${ORDERS_PATH}?${new URLSearchParams({
                  from: older,
                }).toString()}">Older orders</a>`
          }</div>`
    }</section>
<div class="row"><a class="button" href="${STORE_PATH}">Go to the store</a>
<a class="button second" href="${CART_PATH}">Cart</a></div>`,
  };
}

const orderRow = (order: OrderRecord): Html => html`
<li><div class="head"><a href="${ofOrder(ORDER_PATH, order.id)}">${order.id}</a>${stateOf(
  order,
)}</div>
<span class="quiet">${day(order.placedAt)}: ${summaryOf(order)}</span></li>`;

function summaryOf({ lines: [first, ...others] }: OrderRecord): string {
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return `${first.quantity} × ${lineName(first)}${more}`;
}

export interface OrderView extends AccountView {
  readonly order: OrderRecord;
  /** Where it is paid by card, if anywhere. */
  readonly paymentLink: string | undefined;
  readonly note: Note | undefined;
}

export function orderPage(view: OrderView): Page {
  const { person, order, note } = view;
  return {
    title: `Order ${order.id}`,
    failed: note !== undefined && !note.good,
    person,
    narrow: false,
    body: html`${tabs('orders')}<div class="head"><h1>Order ${order.id}</h1>${stateOf(order)}</div>
${noteOf(note)}<section class="sheet" aria-labelledby="next"><h2 id="next">${
      NEXT_TITLES[order.state]
    }</h2>
${nextText(view)}${keysForm(view)}${order.state === 'placed' ? unpaidRow(view) : ''}</section>
<section class="sheet" aria-labelledby="lines"><h2 id="lines">What was ordered</h2>
${linesList(order.lines, (line, place) => lineOutcome(order, line, place))}</section>
${factsSheet(order)}${shipmentsSheet(order)}
<p><a href="${ORDERS_PATH}">All orders</a></p>`,
  };
}

const unpaidRow = ({ order, paymentLink }: OrderView): Html =>
  html`<div class="row">${
    paymentLink === undefined ? '' : html`<a class="button" href="${paymentLink}">Pay by card</a>`
  }<a class="button second" href="${ofOrder(CANCEL_PATH, order.id)}">Cancel the order</a></div>`;

const isOfCredential = ({ product }: OrderLine): boolean => PRODUCTS[product].kind === 'credential';

/** What comes next, and how it is paid. */
function nextText(view: OrderView): Html {
  const { order } = view;
  const hasKeys = order.lines.some(isOfCredential);
  switch (order.state) {
    case 'placed':
      return html`${howToPay(view)}<p class="last">${
        hasKeys
          ? 'Each license key comes in a mail of its own once the payment has been processed.'
          : 'It is carried out once the payment has been processed.'
      }</p>`;
    case 'paid':
      return html`<p class="last">The payment has come, and the order is being carried out.</p>`;
    case 'fulfilled':
      return hasKeys
        ? html`<p>Each license key was mailed. To use one, choose
<a href="${GET_PATH}">Purchase or Register Credentials</a> and enter it; for a hardware token wait
until you have received the token.</p>`
        : html`<p class="last">The order is carried out.</p>`;
    case 'cancelled':
      return html`<p class="last">Nothing of it will be sent, and there is nothing to pay.</p>`;
  }
}

function howToPay({ order: { id, payment }, paymentLink, person: { account } }: OrderView): Html {
  if (payment.method === 'invoice') {
    return html`<p>${
      account.email === undefined
        ? 'Your account has no e-mail address: ask customer support for the invoice.'
        : 'The invoice was mailed to you.'
    } Name order <strong>${id}</strong> in your payment.</p>`;
  }
  if (paymentLink !== undefined) {
    return html`<p>Your card is charged by our payment processor, on a page of its own that is told
the number of the order, <strong>${id}</strong>. By card it is processed within 24 hours. Pay once:
it can take a moment until it shows here.</p>`;
  }
  return html`<p>Pay by card as customer support tells you, and give the number of the order,
<strong>${id}</strong>: no card is charged on these pages. By card it is processed within 24
hours.</p>`;
}

function keysForm({ order, formToken }: OrderView): Html | undefined {
  if (!hasKeysToSend(order)) return undefined;
  return html`<form method="post" action="${ofOrder(ORDER_PATH, order.id)}">
${hidden(FORM_FIELD, formToken)}${hidden('step', 'sendKeys')}${hidden(
  'sendings',
  String(order.keySendings ?? 0),
)}
<div class="row"><button class="second">Send license keys again</button></div>
<span class="hint">Keys that nobody has used are replaced by new ones, and mailed. The old ones are
void then.</span></form>`;
}

function lineOutcome(order: OrderRecord, line: OrderLine, place: number): Html | undefined {
  switch (lineStateOf(order, place)) {
    case 'open':
      return undefined;
    case 'refused':
      return html`<div><strong>It was not carried out: its money is given back.</strong></div>`;
    case 'done':
      return html`<div class="quiet wrap">${broughtText(order, line, place)}</div>`;
  }
}

function broughtText({ id }: OrderRecord, line: OrderLine, place: number): string {
  if (!isOfCredential(line)) return 'Carried out';
  const units = unitsOf(id, place, line);
  return `${units.length === 1 ? 'Subscription' : 'Subscriptions'} ${rangeText(units)}`;
}

const fact = (name: string, value: Html | string | undefined): Html | undefined =>
  value === undefined ? undefined : html`<dt>${name}</dt><dd>${value}</dd>`;

const momentOrNone = (at: UnixMillis | undefined): Html | undefined =>
  at === undefined ? undefined : moment(at);

function factsSheet(order: OrderRecord): Html {
  const { payment, placedAt, paidAt, cancelledAt, billing, shipping, receipts = [] } = order;
  const arrives = expectedBy(order);
  const unneeded = receipts.filter((each) => each.unneeded);
  return html`<section class="sheet" aria-labelledby="facts">
<h2 id="facts">Payment and addresses</h2>
<dl class="facts">${fact('Placed', moment(placedAt))}${fact(
    'Payment',
    payment.method === 'card' ? 'Credit card' : `Invoice, ${paymentName(payment)}`,
  )}${fact('Paid', momentOrNone(paidAt))}${fact('Cancelled', momentOrNone(cancelledAt))}${fact(
    'To be given back',
    unneeded.length === 0 ? undefined : unneeded.map(({ reference }) => reference).join(', '),
  )}${fact('Billing address', addressText(billing))}${fact(
    'Shipping address',
    shipping && addressText(shipping),
  )}${fact('Delivered by', arrives === undefined ? undefined : day(arrives))}</dl></section>
`;
}

const addressText = (address: Address): Html => {
  const { name, organisation, lines, city, region, postcode, country } = address;
  const place = [city, region, postcode].filter((part) => part !== undefined).join(', ');
  const all = [name, organisation, ...lines, place, countryName(country)].flatMap(
    (part) => part ?? [],
  );
  return html`${all.map((line, index) => html`${index === 0 ? '' : html`<br>`}${line}`)}`;
};

function shipmentsSheet({ shipments }: OrderRecord): Html | undefined {
  if (shipments.length === 0) return undefined;
  return html`<section class="sheet" aria-labelledby="shipments"><h2 id="shipments">Shipments</h2>
<ul class="list">${shipments.map(shipmentRow)}</ul></section>
`;
}

const shipmentRow = ({ shippedAt, carrier, tracking, serials = [] }: Shipment): Html => html`
<li><dl class="facts">${fact('Sent', moment(shippedAt))}${fact('Carrier', carrier)}${fact(
  'Tracking',
  tracking,
)}${fact('Tokens', serials.length === 0 ? undefined : serials.join(', '))}</dl></li>`;

export interface CancelView extends AccountView {
  readonly order: OrderRecord;
  readonly refusal: Refusal | undefined;
}

export function cancelPage({ person, formToken, order, refusal }: CancelView): Page {
  const { id, lines } = order;
  return {
    title: `Cancel order ${id}`,
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`<div class="sheet"><h1>Cancel order ${id}?</h1>
${noteOf(refusal)}${linesList(lines)}<p>Nothing of it will be sent, and there is nothing to pay. An
order that is cancelled cannot be taken up again: you would place another.</p>
<form method="post" action="${ofOrder(CANCEL_PATH, id)}">
${hidden(FORM_FIELD, formToken)}${hidden('confirmed', 'yes')}
<div class="row"><button>Cancel the order</button><a class="button second" href="${ofOrder(
      ORDER_PATH,
      id,
    )}">Keep it</a></div></form></div>`,
  };
}
