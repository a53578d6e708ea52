import type { UnixMillis } from '../../shared/types.ts';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import {
  type AccountView,
  backToOtp,
  GET_PATH,
  OTP_PATH,
  ofCredential,
  REVOKE_PATH,
  SET_UP_PATH,
  STORE_PATH,
  tabs,
} from './account-links.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { stateOf } from './otp-pages.ts';
import { markOf, noteOf, type Page } from './page.ts';
import type { Refusal } from './refusal.ts';
import { hidden } from './sign-in-pages.ts';

/** "Let's Get Credentialed", and what Revoke asks. */

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
<p>Choose a hardware token, Phone OTP or Mobile ID by what you need access to, for yourself or for
others. The license key comes by mail, once the payment has been processed. To keep a credential
that you have for another year, renew it instead.</p>
<div class="row"><a class="button second" href="${STORE_PATH}">Purchase</a></div></section>
${backToOtp}`,
  };
}

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
