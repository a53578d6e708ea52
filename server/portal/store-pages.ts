import { MAIL_ADDRESS_CHARACTERS_MAX } from '../../shared/mail-address.ts';
import { STRENGTHS } from '../../shared/types.ts';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { ApplicationRecord } from '../applications/record.ts';
import {
  type CredentialProduct,
  credentialProduct,
  PRODUCTS,
  type ProductId,
} from '../orders/catalogue.ts';
import { QUANTITY_MAX } from '../orders/lines.ts';
import { type AccountView, CART_PATH, RENEWALS_PATH, STORE_PATH, tabs } from './account-links.ts';
import { choiceField, markFor, type Option, optionsOf, textField } from './fields-part.ts';
import { type Fields, FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { NOTE_ID, noteOf, type Page } from './page.ts';
import type { Refusal } from './refusal.ts';
import { hidden } from './sign-in-pages.ts';
import { type Wanted, wantedQuery } from './wanted.ts';

/** The store: what somebody needs access to, the products that suffice there, "Add to Cart". */

export interface StoreView extends AccountView {
  readonly wanted: Wanted;
  /** Applications that demand something. */
  readonly partners: readonly ApplicationRecord[];
  readonly offered: readonly ProductId[];
  readonly inCart: number;
  readonly refusal: Refusal | undefined;
  readonly typed: Fields;
}

export function storePage(view: StoreView): Page {
  const { person, offered, inCart, refusal } = view;
  return {
    title: 'Store',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('orders')}<div class="head"><h1>Store</h1>
<a class="button second" href="${CART_PATH}">Cart (${inCart})</a></div>
<section class="sheet" aria-labelledby="wanted"><h2 id="wanted">What do you need access to?</h2>
${wantedForm(view)}</section>
<section class="sheet" aria-labelledby="products"><h2 id="products">Choose a product</h2>
${noteOf(refusal)}${offered.length === 0 ? NOTHING : productForm(view)}</section>
<p class="quiet">To keep a credential that you have for another year,
<a href="${RENEWALS_PATH}">renew its subscription</a>: you keep the same token.</p>`,
  };
}

const NOTHING = html`<p class="last">No product suffices for all of this. Choose less above.</p>`;

const ANY: Option = ['', 'Any'];
const STRENGTH_CHOICES: readonly Option[] = [
  ANY,
  ...STRENGTHS.filter((each) => each !== 'password').map(
    (each): Option => [each, `${STRENGTH_NAMES[each]} or stronger`],
  ),
];
const WHERE_CHOICES = [
  ['', 'Anywhere'],
  ['us', 'In the 50 United States'],
  ['abroad', 'In a US territory, or elsewhere'],
] as const;

function wantedForm({ wanted, partners }: StoreView): Html {
  const applications = partners.map(({ id, name }): Option => [id, name]);
  const { application, strength, where } = wanted;
  return html`<form method="get" action="${STORE_PATH}">${
    partners.length === 0
      ? ''
      : html`<label for="application">Partner or application</label>
<select id="application" name="application">${optionsOf(
          [ANY, ...applications],
          application?.id,
        )}</select>`
  }<div class="pair"><div><label for="strength">Credential strength</label>
<select id="strength" name="strength">${optionsOf(STRENGTH_CHOICES, strength)}</select></div>
<div><label for="where">Where you work</label>
<select id="where" name="where" aria-describedby="where-hint">
${optionsOf(WHERE_CHOICES, where)}</select>
<span class="hint" id="where-hint">Territories need the Non-US phone service.</span></div></div>
${choiceField({
  name: 'proofed',
  value: 'yes',
  type: 'checkbox',
  isChosen: wanted.proofed,
  label: 'With identity proofing',
})}<div class="row"><button class="second">Show what suffices</button></div></form>`;
}

function productForm(view: StoreView): Html {
  const { formToken, wanted, typed, refusal } = view;
  const asksAdditional = refusal?.code === 'renewInstead' || typed.get('additional') === 'yes';
  return html`<form method="post" action="${STORE_PATH}${wantedQuery(wanted)}">
${hidden(FORM_FIELD, formToken)}${productChoices(view)}
<label for="quantity">Quantity</label>
<input class="number" id="quantity" name="quantity" type="number" min="1" max="${QUANTITY_MAX}"
 required value="${typed.get('quantity') ?? '1'}"${markFor('quantity', refusal)}>
${textField(
  {
    name: 'recipient',
    label: "Recipient's e-mail address",
    type: 'email',
    value: typed.get('recipient'),
    charactersMax: MAIL_ADDRESS_CHARACTERS_MAX,
    optional: true,
    hint:
      'Sponsored credentials: the license key is mailed to this address and not to you. ' +
      'Leave it empty to receive it yourself.',
  },
  refusal,
)}${asksAdditional ? additionalField(view) : ''}
<div class="row"><button>Add to Cart</button></div></form>`;
}

const additionalField = ({ typed, refusal }: StoreView): Html => html`
<div class="gap">${choiceField({
  name: 'additional',
  value: 'yes',
  type: 'checkbox',
  isChosen: typed.get('additional') === 'yes',
  label: 'I want a new one beside the one that I could renew',
})}</div>${
  refusal?.code === 'renewInstead'
    ? html`<p><a href="${RENEWALS_PATH}">Renew it instead</a></p>`
    : ''
}`;

function productChoices({ offered, typed, refusal }: StoreView): Html {
  const [only] = offered;
  const chosen = offered.length === 1 ? only : typed.get('product');
  const isRefused = refusal?.fields?.has('product') === true;
  return html`${groupsOf(offered).map(
    ([name, ids]) => html`
<fieldset class="group"${isRefused ? html` aria-describedby="${NOTE_ID}"` : ''}>
<legend>${name}</legend>${ids.map((id) =>
      choiceField({
        name: 'product',
        value: id,
        isChosen: id === chosen,
        required: true,
        label: PRODUCTS[id].name,
      }),
    )}</fieldset>`,
  )}<p class="hint">With proofing, your identity is proofed before you can use the credential: your
account must have your legal name, and you need a passport or driver's license. A hardware token is
sent by post.</p>`;
}

const SEVERAL = 'Two credentials under one license key';

/** By what they sign in with. */
function groupsOf(offered: readonly ProductId[]) {
  const groups = new Map<string, ProductId[]>();
  for (const id of offered) {
    const name = groupName(credentialProduct(id));
    groups.set(name, [...(groups.get(name) ?? []), id]);
  }
  return [...groups];
}

const groupName = ({ types: [type, ...others] }: CredentialProduct): string =>
  type === undefined || others.length > 0 ? SEVERAL : STRENGTH_NAMES[type];
