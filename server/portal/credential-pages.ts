import type { UnixMillis } from '../../shared/types.ts';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import { renewedUntil, revokesAt } from '../subscriptions/terms.ts';
import {
  type AccountView,
  backToOtp,
  GET_PATH,
  OTP_PATH,
  ofCredential,
  REVOKE_PATH,
  SET_UP_PATH,
  tabs,
} from './account-links.ts';
import { day } from './dates.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { stateOf } from './otp-pages.ts';
import { markOf, noteOf, type Page, type Person } from './page.ts';
import type { Refusal } from './refusal.ts';
import { hidden } from './sign-in-pages.ts';

/** "Let's Get Credentialed", Renew, and what Revoke asks. */

interface GetView extends AccountView {
  readonly now: UnixMillis;
  readonly credentials: readonly CredentialDetail[];
  readonly refusal: Refusal | undefined;
}

export function getPage({ person, formToken, now, credentials, refusal }: GetView): Page {
  const begun = credentials.filter((each) => stateOf(each, now) === 'setUp');
  return {
    title: 'Purchase or Register Credentials',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Let’s Get Credentialed</h1>
${begun.length === 0 ? '' : begunSheet(begun)}<section class="sheet" aria-labelledby="key">
<h2 id="key">I have a license key</h2>
<p>It came by mail to whoever purchased the credential, once the payment was processed. If you
purchased a hardware token, wait until you have received it.</p>${noteOf(refusal)}
<form method="post" action="${GET_PATH}">${hidden(FORM_FIELD, formToken)}
<label for="licenceKey">License Key</label>
<input class="key" id="licenceKey" name="licenceKey" autocomplete="off" autocapitalize="characters"
 spellcheck="false" maxlength="100" required${markOf(refusal)}>
<div class="row"><button>Continue</button></div></form></section>
<section class="sheet" aria-labelledby="purchase"><h2 id="purchase">I need to purchase one</h2>
<p>Your company's administrator orders credentials, for you or for several people at once; without
one, contact customer support. You can choose from:</p>
<ul>${PRODUCT_NAMES.map((name) => html`<li>${name}</li>`)}</ul>
<p class="last">If you work outside the 50 United States, or in one of their territories, choose an
international product for phones. To keep a credential that you have for another year, renew it
instead.</p></section>${backToOtp}`,
  };
}

const PRODUCT_NAMES = Object.values(PRODUCTS)
  .filter(({ kind }) => kind === 'credential')
  .map(({ name }) => name);

const begunSheet = (details: readonly CredentialDetail[]): Html =>
  html`<section class="sheet" aria-labelledby="begun"><h2 id="begun">Continue where you were</h2>
<ul class="list">${details.map(
    ({ credential, subscription }) => html`<li><a href="${ofCredential(
      SET_UP_PATH,
      credential.id,
    )}">${STRENGTH_NAMES[credential.type]}, ${credential.id}</a>
<span class="quiet">${PRODUCTS[subscription.product].name}</span></li>`,
  )}</ul></section>
`;

interface RenewView {
  readonly person: Person;
  readonly detail: CredentialDetail;
  readonly now: UnixMillis;
}

export function renewPage({ person, detail: { subscription }, now }: RenewView): Page {
  const { id, product, expiresAt } = subscription;
  return {
    title: 'Renew',
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Renew</h1>
<section class="sheet" aria-labelledby="what"><h2 id="what">${PRODUCTS[product].name}</h2>
<dl class="facts">
<dt>Subscription</dt><dd>${id}</dd>
<dt>Renewal date</dt><dd>${day(expiresAt)}</dd>
<dt>Renewed today</dt><dd>until ${day(renewedUntil(subscription, now))}</dd>
<dt>Revoked on</dt><dd>${day(revokesAt(subscription))}, if it is not renewed</dd>
</dl></section>
<section class="sheet" aria-labelledby="how"><h2 id="how">How to renew</h2>
<ol><li>Give the subscription, <strong>${id}</strong>, to your company's administrator, or to
customer support.</li>
<li>They order “${PRODUCTS.renewal.name}” for it: a renewal, and not a new credential.</li>
<li>The renewal date changes once it is paid: within 24 hours by card; by invoice when the payment
has been processed.</li></ol>
<p class="last">Only the subscription is renewed: keep your token, your phones and your Mobile
ID.</p></section>${backToOtp}`,
  };
}

interface RevokeView extends AccountView {
  readonly detail: CredentialDetail;
  readonly refusal: Refusal | undefined;
}

export function revokePage({ person, formToken, detail, refusal }: RevokeView): Page {
  const { id, type, serial } = detail.credential;
  const name = serial === undefined ? STRENGTH_NAMES[type] : `${STRENGTH_NAMES[type]} ${serial}`;
  return {
    title: `Revoke ${name}`,
    failed: refusal !== undefined,
    person,
    body: html`<div class="sheet"><h1>Revoke ${name}?</h1>
${noteOf(refusal)}<p>${PRODUCTS[detail.subscription.product].name}</p>
${consequence(detail)}<form method="post" action="${ofCredential(REVOKE_PATH, id)}">
${hidden(FORM_FIELD, formToken)}${hidden('confirmed', 'yes')}
<div class="row"><button>OK</button><a class="button second" href="${OTP_PATH}">Cancel</a></div>
</form></div>`,
  };
}

function consequence({ credential }: CredentialDetail): Html {
  const { type, serial, replacement } = credential;
  if (serial !== undefined && replacement !== undefined) {
    return html`<p>The token is revoked for good. Activate its replacement then, 24 hours later if
you can.</p>`;
  }
  if (serial !== undefined && type === 'mobileId') {
    return html`<p>The codes of this app are refused from now on. You can set up another one.</p>`;
  }
  return html`<p>This is final: a revoked credential cannot be reactivated, and you need to purchase
and set up a whole new one.</p>`;
}
