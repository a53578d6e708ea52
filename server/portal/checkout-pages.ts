import { DELIVERY_DAYS_MAX } from '../orders/delivery.ts';
import { linesMark } from '../orders/lines.ts';
import type { OrderLine } from '../orders/record.ts';
import { WARRANTY_DAYS } from '../subscriptions/terms.ts';
import { type AccountView, CART_PATH, CHECKOUT_PATH, tabs } from './account-links.ts';
import { ADDRESS_LABELS, type AddressField, type AddressUse } from './checkout-form.ts';
import { choiceField, type FieldView, linesField, markFor, textField } from './fields-part.ts';
import { type Fields, FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { linesList } from './line-part.ts';
import { noteOf, type Page, sheet } from './page.ts';
import { countryOptions } from './phone-pages.ts';
import type { Refusal } from './refusal.ts';
import { hidden } from './sign-in-pages.ts';

/** The checkout: review, payment, addresses, the disclaimer, "Submit Order". */

export interface CheckoutView extends AccountView {
  readonly lines: readonly OrderLine[];
  /** Something is sent by post. */
  readonly isShipped: boolean;
  /** As typed, or as known of before. */
  readonly values: Fields;
  readonly refusal: Refusal | undefined;
}

export function checkoutPage(view: CheckoutView): Page {
  const { person, formToken, lines, isShipped, refusal } = view;
  return {
    title: 'Checkout',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('orders')}<h1>Checkout</h1>
${noteOf(refusal)}${person.account.email === undefined ? NO_MAIL : ''}
<section class="sheet" aria-labelledby="lines"><h2 id="lines">Your order</h2>
${linesList(lines)}<div class="row"><a class="button second" href="${CART_PATH}">Change the cart</a>
</div></section>
<form class="checkout" method="post" action="${CHECKOUT_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden('reviewed', linesMark(lines))}
${paymentSheet(view)}${addressSheet(view)}${isShipped ? shippingSheet(view) : ''}
${disclaimerSheet(view)}</form>`,
  };
}

const NO_MAIL = html`<div class="note bad"><p>Your account has no e-mail address: what is mailed to
you, license keys with it, would not arrive. Have customer support enter one before you order.</p>
</div>`;

function paymentSheet({ values, refusal }: CheckoutView): Html {
  const method = (value: string, label: string) =>
    choiceField({
      ...{ name: 'method', value, label, id: `method-${value}`, required: true },
      isChosen: values.get('method') === value,
    });
  const purchaseOrder: FieldView = {
    name: 'purchaseOrder',
    label: "PO (purchase order's number)",
    value: values.get('purchaseOrder'),
    charactersMax: 100,
    hint: 'The invoice names it.',
    isOfChoice: true,
  };
  return sheet(
    'payment',
    'Payment method',
    html`<fieldset role="radiogroup"${markFor('method', refusal)}>
<legend class="unseen">Payment method</legend>${method(
      'card',
      'Credit card',
    )}${method('invoice', 'Invoice, against a purchase order')}</fieldset>
<div class="when-invoice">${textField(purchaseOrder, refusal)}</div>`,
  );
}

const addressSheet = (view: CheckoutView): Html =>
  sheet('billing', 'Billing address', addressFields('billing', view));

function shippingSheet(view: CheckoutView): Html {
  const isOther = view.values.get('shipTo') === 'other';
  return sheet(
    'shipping',
    'Shipping address',
    html`<fieldset><legend>Hardware tokens are sent to</legend>${choiceField({
      ...{ name: 'shipTo', value: 'billing', isChosen: !isOther, label: 'The billing address' },
    })}${choiceField({
      ...{ name: 'shipTo', value: 'other', isChosen: isOther, id: 'ship-to-other' },
      label: 'Another address',
    })}</fieldset>
<div class="when-other">${addressFields('shipping', view)}</div>`,
  );
}

interface AddressInput {
  readonly field: Exclude<AddressField, 'country'>;
  /** What it is called to a browser that fills in addresses. */
  readonly autocomplete: string;
  readonly charactersMax?: number;
  readonly optional?: boolean;
}

/** Of a name, a line, a place. */
const CHARACTERS_MAX = 200;
/** Four lines. */
const LINES_CHARACTERS_MAX = 4 * (CHARACTERS_MAX + 1);

function addressFields(of: AddressUse, { values, refusal }: CheckoutView): Html {
  const field = ({ field, autocomplete, optional = false, ...more }: AddressInput): Html => {
    const name = `${of}-${field}`;
    const view: FieldView = {
      ...{ name, label: ADDRESS_LABELS[field], value: values.get(name), optional },
      ...{ charactersMax: CHARACTERS_MAX, ...more, autocomplete: `${of} ${autocomplete}` },
      isOfChoice: of === 'shipping',
      ...(field === 'lines' ? { hint: 'As on an envelope, at most four lines.' } : {}),
    };
    return field === 'lines' ? linesField(view, refusal) : textField(view, refusal);
  };
  const country = `${of}-country`;
  return html`${field({ field: 'name', autocomplete: 'name' })}${field({
    ...{ field: 'organisation', autocomplete: 'organization', optional: true },
  })}${field({
    ...{ field: 'lines', autocomplete: 'street-address', charactersMax: LINES_CHARACTERS_MAX },
  })}<div class="pair"><div>${field({ field: 'city', autocomplete: 'address-level2' })}</div>
<div>${field({ field: 'region', autocomplete: 'address-level1', optional: true })}</div>
</div><div class="pair"><div>${field({
    ...{ field: 'postcode', autocomplete: 'postal-code', optional: true, charactersMax: 20 },
  })}</div>
<div><label for="${country}">${ADDRESS_LABELS.country}</label>
<select id="${country}" name="${country}" autocomplete="${of} country"${
    of === 'billing' ? html` required` : ''
  }${markFor(country, refusal)}>${countryOptions(values.get(country))}</select></div></div>`;
}

const disclaimerSheet = ({ refusal, values, isShipped }: CheckoutView): Html =>
  sheet(
    'disclaimer',
    'Disclaimer',
    html`<ul class="terms"><li>Credentials are annual subscriptions. A year begins with the payment,
and not with the activation.</li>
<li>Nothing is issued, sent or renewed before the payment has been processed.</li>
<li>Whoever has a license key can use it, once. It is mailed to you, or to the recipient that you
named and to nobody else.</li>
<li>A renewal continues the subscription and its token: no new token is sent for it.</li>
<li>A subscription that has ended can be renewed for a year; then it is revoked. What is revoked
cannot be reactivated.</li>${
      isShipped
        ? html`
<li>A hardware token can take up to ${numberName(DELIVERY_DAYS_MAX)} days to be delivered. It is
under warranty for ${WARRANTY_DAYS} days from the date of purchase.</li>`
        : ''
    }</ul>
${choiceField({
  ...{ name: 'disclaimer', value: 'yes', type: 'checkbox', required: true, refusal },
  isChosen: values.get('disclaimer') === 'yes',
  label: 'I have reviewed the disclaimer and confirm it',
})}<div class="row"><button>Submit Order</button></div>`,
  );

const NUMBER_NAMES: readonly string[] = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];
const numberName = (number: number): string => NUMBER_NAMES[number] ?? String(number);
