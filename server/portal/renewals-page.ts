import { CREDENTIAL_TYPES, type UnixMillis } from '../../shared/types.ts';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import type { RenewalQuery, SubscriptionDetail } from '../subscriptions/port.ts';
import { revokesAt, statusAt } from '../subscriptions/terms.ts';
import { type AccountView, CART_PATH, RENEWALS_PATH, tabs } from './account-links.ts';
import { day } from './dates.ts';
import { type Option, optionsOf } from './fields-part.ts';
import { type Fields, FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { daysLeft } from './otp-pages.ts';
import { markOf, noteOf, type Page } from './page.ts';
import type { Refusal } from './refusal.ts';
import {
  RENEWABLE_PRODUCTS,
  type RefusedField,
  type RenewalFilter,
  WHOSE,
} from './renewal-filter.ts';
import type { Begun } from './renewal-pages.ts';
import { hidden } from './sign-in-pages.ts';
import { stateMark } from './token-part.ts';

/** "Subscription Renewals": what can be renewed just now, for oneself and for others. */

export interface RenewalsView extends AccountView {
  readonly now: UnixMillis;
  readonly filter: RenewalFilter;
  readonly refusedField: RefusedField['field'] | undefined;
  /** An organisation's administrator: there are others' to be found. */
  readonly administers: boolean;
  readonly rows: readonly RenewalRow[];
  /** The address of the next page. */
  readonly next: string | undefined;
  /** The address of this one, for its form. */
  readonly here: string;
  readonly refusal: Refusal | undefined;
  /** What was chosen and refused. */
  readonly chosen: Fields | undefined;
}

export interface RenewalRow extends SubscriptionDetail {
  /** Who uses it; nobody until its licence key is redeemed. */
  readonly user: string | undefined;
  readonly begun: Begun | undefined;
}

/** The name of a row's check box begins with it. */
export const CHOSEN_PREFIX = 'renew.';

export function renewalsPage(view: RenewalsView): Page {
  const { person, administers, refusal } = view;
  return {
    title: 'Subscription Renewals',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('renewals')}<h1>Subscription Renewals</h1>
<p>A subscription can be renewed from 30 days before its renewal date to a year after it.
${administers ? FOR_ADMINISTRATORS : FOR_OTHERS}</p>
${noteOf(refusal)}${administers ? filterSheet(view) : ''}${
  // What cannot be read found nothing: there is no list to show.
  view.refusedField === undefined ? listSheet(view) : ''
}`,
  };
}

const FOR_ADMINISTRATORS = 'Choose those of other users, your own, or both: they are paid at once.';
const FOR_OTHERS = 'Your organization’s administrator can renew it for you.';

const WHOSE_NAMES: Readonly<Record<RenewalQuery['of'], string>> = {
  organisation: 'Other users and myself',
  others: 'Other users only',
  own: 'Myself',
};

function filterSheet({ filter, refusal, refusedField }: RenewalsView): Html {
  const mark = (field: RefusedField['field']) =>
    refusedField === field ? markOf(refusal) : undefined;
  const { of, type = '', product = '', user, before } = filter;
  return html`<section class="sheet" aria-labelledby="filter"><h2 id="filter">Find renewals</h2>
<form method="get" action="${RENEWALS_PATH}"><div class="pair wide-pair">
${select('type', 'OTP type', { choices: TYPES, chosen: type })}
${select('of', 'Renew for', { choices: WHOSE_CHOICES, chosen: of })}
<div><label for="user">User</label><input id="user" name="user" maxlength="64" autocomplete="off"
 autocapitalize="none" spellcheck="false" value="${user}"${mark('user')}></div>
<div><label for="before">Renewal date before</label><input id="before" name="before" type="date"
 value="${before}"${mark('before')}></div></div>
${select('product', 'Product', { choices: CREDENTIAL_PRODUCTS, chosen: product })}
<div class="row"><button class="second">Filter</button><a href="${RENEWALS_PATH}">Show all</a></div>
</form></section>
`;
}

const TYPES: readonly Option[] = [
  ['', 'All types'],
  ...CREDENTIAL_TYPES.map((type): Option => [type, STRENGTH_NAMES[type]]),
];
const WHOSE_CHOICES = WHOSE.map((of): Option => [of, WHOSE_NAMES[of]]);
const CREDENTIAL_PRODUCTS: readonly Option[] = [
  ['', 'All products'],
  ...RENEWABLE_PRODUCTS.map((id): Option => [id, PRODUCTS[id].name]),
];

const select = (
  name: string,
  label: string,
  { choices, chosen }: { readonly choices: readonly Option[]; readonly chosen: string },
): Html =>
  html`<div><label for="${name}">${label}</label><select id="${name}" name="${name}">${optionsOf(
    choices,
    chosen,
  )}</select></div>`;

function listSheet(view: RenewalsView): Html {
  const { rows, next, filter } = view;
  const { type, product, user, before } = filter;
  const isFiltered = [type, product, user, before].some(
    (each) => each !== undefined && each !== '',
  );
  return html`<section class="sheet" aria-labelledby="available">
<h2 id="available">Available Renewals</h2>${
    rows.length > 0
      ? listForm(view)
      : html`<p class="last">${
          next !== undefined
            ? 'Nothing on this page.'
            : isFiltered
              ? 'Nothing that can be renewed just now is like that.'
              : 'There is nothing to renew just now.'
        }</p>`
  }${
    next === undefined
      ? ''
      : html`<p class="row"><a class="button second" href="${next}">Next page</a></p>`
  }</section>
`;
}

function listForm(view: RenewalsView): Html {
  const { rows, here, formToken } = view;
  const canAdd = rows.some(({ begun }) => begun === undefined);
  const hasCart = rows.some(({ begun }) => begun === 'inCart');
  return html`<form method="post" action="${here}">${hidden(FORM_FIELD, formToken)}
<ul class="list">${rows.map((row) => rowOf(row, view))}</ul>
<div class="row">${canAdd ? html`<button>Add to Cart</button>` : ''}${
    hasCart ? html`<a class="button second" href="${CART_PATH}">View the cart</a>` : ''
  }</div></form>`;
}

function rowOf(row: RenewalRow, view: RenewalsView): Html {
  const { id } = row.subscription;
  if (row.begun !== undefined) return html`<li class="picked">${textOf(row, view)}</li>`;
  const name = CHOSEN_PREFIX + id;
  return html`<li><label class="choice"><input type="checkbox" name="${name}" value="yes"${
    view.chosen?.get(name) === 'yes' ? html` checked` : ''
  }>${textOf(row, view)}</label></li>`;
}

function textOf(row: RenewalRow, { now, administers }: RenewalsView): Html {
  const { subscription, user, begun } = row;
  const product = PRODUCTS[subscription.product].name;
  const isOver = statusAt(subscription, now) === 'suspended';
  const marks = [
    begun && stateMark(begun === 'inCart' ? 'In your cart' : 'Ordered', true),
    isOver ? stateMark('Suspended', false) : undefined,
  ];
  return html`<span class="what"><span class="head"><strong>${
    administers ? (user ?? 'Not registered yet') : product
  }</strong><span>${marks}</span></span>${
    administers ? html`<span class="hint">${product}</span>` : ''
  }<span class="hint">${tokensOf(row)}</span>
<span class="hint">Renewal date ${day(subscription.expiresAt)}${daysLeft(row, now)}${
    isOver ? html`, to be renewed by ${day(revokesAt(subscription))}` : ''
  }</span></span>`;
}

/** Each authenticator with its serial; before one is registered, what was bought. */
const tokensOf = ({ subscription, credentials }: SubscriptionDetail): string =>
  subscription.types
    .map((type) => {
      const serial = credentials.find((each) => each.type === type)?.serial;
      return serial === undefined ? STRENGTH_NAMES[type] : `${STRENGTH_NAMES[type]} ${serial}`;
    })
    .join(', ');
