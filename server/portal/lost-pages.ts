import { isAtLeast } from '../../shared/types.ts';
import { STRENGTH_TEXTS } from '../../shared/wire/texts.ts';
import { strengthToFind } from '../tokens/own-word.ts';
import type { TokenDetail } from '../tokens/port.ts';
import type { TokenRecord } from '../tokens/record.ts';
import {
  type AccountView,
  elevateLink,
  FOUND_PATH,
  LOST_PATH,
  OTP_PATH,
  ofToken,
} from './account-links.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { noteOf, type Page } from './page.ts';
import type { Refusal } from './refusal.ts';
import { hidden } from './sign-in-pages.ts';

/** "I have lost it", and "I have found it": what follows, before it is done. */

interface LostView extends AccountView {
  readonly detail: TokenDetail;
  readonly refusal: Refusal | undefined;
}

export function lostPage({ person, formToken, detail: { token }, refusal }: LostView): Page {
  const { serial } = token;
  return {
    title: `I have lost ${serial}`,
    failed: refusal !== undefined,
    person,
    body: html`<div class="sheet"><h1>Have you lost ${nameOf(token)} ${serial}?</h1>
${noteOf(refusal)}<ul class="terms">
<li>Its codes are refused at once, and whoever has signed in with it is left with the password.</li>
<li>Your subscription, your phones and everything else stay as they are.</li>
<li>If it turns up again, sign in with ${STRENGTH_TEXTS[strengthToFind(token, person.account)]} or
something stronger, set up before now, and choose “I have found it”; or contact customer
support.</li>
<li>If it does not, ask customer support for a replacement before you revoke it, or purchase another
one: revoked for good, it takes its credential with it.</li></ul>
${wordForm(ofToken(LOST_PATH, serial), formToken, 'I have lost it')}</div>`,
  };
}

const nameOf = ({ mobileId }: TokenRecord): string => (mobileId === true ? 'Mobile ID' : 'token');

const wordForm = (action: string, formToken: string, button: string): Html =>
  html`<form method="post" action="${action}">${hidden(FORM_FIELD, formToken)}
<div class="row"><button>${button}</button><a class="button second" href="${OTP_PATH}">Cancel</a>
</div></form>`;

export function foundPage({ person, formToken, detail: { token }, refusal }: LostView): Page {
  const { serial } = token;
  const least = strengthToFind(token, person.account);
  const isStrong = isAtLeast(person.session.strength, least);
  const address = ofToken(FOUND_PATH, serial);
  return {
    title: `I have found ${serial}`,
    failed: refusal !== undefined,
    person,
    body: html`<div class="sheet"><h1>Do you have ${nameOf(token)} ${serial} again?</h1>
${noteOf(refusal)}<p>Its codes are accepted again then, if nothing else holds it. Make sure
that it is yours, and that nobody else has used it meanwhile.</p>${
      isStrong
        ? wordForm(address, formToken, 'I have found it')
        : html`<p>For your protection this needs ${STRENGTH_TEXTS[least]}, or more, of what was
yours before you lost it: whoever has the token might know your password too. If you have nothing
to sign in with, contact customer support.</p>
<div class="row">${elevateLink(person, { isFirst: true, returnTo: address })}
<a class="button second" href="${OTP_PATH}">Cancel</a></div>`
    }</div>`,
  };
}
