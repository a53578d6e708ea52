import type { UnixMillis } from '../../shared/types.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import { renewedUntil, revokesAt } from '../subscriptions/terms.ts';
import {
  type AccountView,
  backToOtp,
  CART_PATH,
  ORDERS_PATH,
  ofCredential,
  RENEW_PATH,
  RENEWALS_PATH,
  STORE_PATH,
  tabs,
  UPGRADE_PATH,
} from './account-links.ts';
import { day } from './dates.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { markOf, noteOf, type Page, type Person } from './page.ts';
import type { Refusal } from './refusal.ts';
import { hidden } from './sign-in-pages.ts';

/** What is bought for one credential's subscription: its renewal, and its proofing. */

/** Chosen already, by this account; or ordered, by whomever, and not carried out yet. */
export type Begun = 'inCart' | 'ordered';

interface OfferView extends AccountView {
  readonly detail: CredentialDetail;
  readonly begun: Begun | undefined;
  readonly refusal: Refusal | undefined;
}

export function renewPage(view: OfferView & { readonly now: UnixMillis }): Page {
  const { person, detail, now, refusal } = view;
  const { id, product, expiresAt } = detail.subscription;
  return {
    title: 'Renew',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Renew</h1>
${noteOf(refusal)}<section class="sheet" aria-labelledby="what">
<h2 id="what">${PRODUCTS[product].name}</h2>
<dl class="facts">
<dt>Subscription</dt><dd>${id}</dd>
<dt>Renewal date</dt><dd>${day(expiresAt)}</dd>
<dt>Renewed today</dt><dd>until ${day(renewedUntil(detail.subscription, now))}</dd>
<dt>Revoked on</dt><dd>${day(revokesAt(detail.subscription))}, if it is not renewed</dd>
</dl>${
      view.begun !== undefined
        ? begunPart('Its renewal', view.begun)
        : html`
<form method="post" action="${ofCredential(RENEW_PATH, detail.credential.id)}">
${hidden(FORM_FIELD, view.formToken)}<div class="row"><button>Add to Cart</button></div></form>`
    }</section>
<section class="sheet" aria-labelledby="how"><h2 id="how">What a renewal is</h2>
<p>Another year of the same subscription: a renewal, and not a new credential. Only the subscription
is renewed: keep your token, your phones and your Mobile ID.</p>
<p>The renewal date changes once it is paid: within 24 hours by card; by invoice when the payment
has been processed.</p>
<p class="last">To renew several at once, choose <a href="${RENEWALS_PATH}">Subscription
Renewals</a>.</p></section>${backToOtp}`,
  };
}

const begunPart = (what: string, begun: Begun): Html =>
  begun === 'inCart'
    ? html`<p class="gap">${what} is in your cart.</p>
<div class="row"><a class="button" href="${CART_PATH}">View the cart</a></div>`
    : html`<p class="gap">${what} is ordered, by you or by your organization’s administrator. It
takes effect once it is paid.</p>
<div class="row"><a class="button second" href="${ORDERS_PATH}">View your orders</a></div>`;

/** Of what is revoked nothing is left to be renewed or upgraded. */
export const overPage = (person: Person, { subscription }: CredentialDetail): Page => ({
  title: 'A revoked credential',
  failed: true,
  person,
  narrow: false,
  body: html`${tabs('otp')}<h1>A revoked credential</h1>
<section class="sheet" aria-labelledby="over">
<h2 id="over">${PRODUCTS[subscription.product].name}</h2>
<p>It is revoked, and can be neither reactivated nor renewed: purchase and set up a new one.</p>
<div class="row"><a class="button" href="${STORE_PATH}">Purchase a new one</a></div></section>
${backToOtp}`,
});

export function upgradePage(view: OfferView): Page {
  const { person, detail, begun, refusal } = view;
  const { id, product } = detail.subscription;
  return {
    title: 'Proofing Upgrade',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Proofing Upgrade</h1>
<section class="sheet" aria-labelledby="what">
<h2 id="what">${PRODUCTS[product].name}</h2>
<dl class="facts">
<dt>Subscription</dt><dd>${id}</dd>
<dt>With it you get</dt><dd>identity proofing, which some applications demand</dd>
</dl></section>
<section class="sheet" aria-labelledby="requirements"><h2 id="requirements">Requirements</h2>
${REQUIREMENTS}${noteOf(refusal)}${
  begun === undefined ? upgradeForm(view) : begunPart('The upgrade', begun)
}</section>${backToOtp}`,
  };
}

/** Seeds 001 to 003: what proofing asks of a person. */
const REQUIREMENTS = html`<ul class="terms">
<li>The name in your account is your legal name, as in your passport or driver’s license.</li>
<li>In the United States you answer questions that only you can answer, or meet an agent by video.
Anywhere else you meet an agent by video: the live session is scheduled for you.</li>
<li>For the live session you have your passport or driver’s license with you.</li>
<li>The upgrade is complete once you have passed the proofing, which you begin in Manage OTP when
the upgrade is paid. What works now works on until then.</li></ul>
`;

const upgradeForm = ({ detail: { credential }, formToken, refusal }: OfferView): Html =>
  html`<form method="post" action="${ofCredential(UPGRADE_PATH, credential.id)}">
${hidden(FORM_FIELD, formToken)}
<label class="choice"><input type="checkbox" name="understood" value="yes" required${markOf(
    refusal,
  )}> I understand the requirements</label>
<div class="row"><button>Add to Cart</button></div></form>`;
