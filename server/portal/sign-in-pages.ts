import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import { PASSWORD_CHARACTERS_MAX, USER_NAME_CHARACTERS_MAX } from '../accounts/passwords-port.ts';
import { maskNumber } from '../phones/number.ts';
import type { Phone } from '../phones/record.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { markOf, NOTE_ID, type Note, noteOf, type Page, type Person } from './page.ts';
import { phoneName } from './phone-name.ts';
import { ACCOUNT_PATH, type Wish, wishAddress } from './wish.ts';

/** The pages of a sign-in: user and password, then the code, then the way back. */

export interface FormView {
  readonly wish: Wish;
  readonly formToken: string;
  readonly note?: Note | undefined;
}

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** @param again who is signed in already, and whose password is asked once more */
export function passwordPage({ wish, formToken, note }: FormView, again: Person | undefined): Page {
  const user = again?.account.id ?? wish.user;
  return {
    title: again === undefined ? 'Sign in' : 'Enter your password again',
    failed: note !== undefined,
    person: again,
    body: html`<div class="sheet">
<h1>${again === undefined ? 'Sign in' : 'Enter your password again'}</h1>
${
  again &&
  html`<p class="quiet">You signed in a while ago, and this has to know that it is still you.</p>
`
}${noteOf(note)}<form method="post" action="${wishAddress(wish)}">
${hidden(FORM_FIELD, formToken)}${hidden('step', 'password')}
<label for="user">User ID</label>
<input id="user" name="user" value="${user}" autocomplete="username" autocapitalize="none"
 spellcheck="false" maxlength="${USER_NAME_CHARACTERS_MAX}" required${markOf(note)}${
   user === '' ? html` autofocus` : ''
 }>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"
 maxlength="${PASSWORD_CHARACTERS_MAX}" required${markOf(note)}${
   user === '' ? '' : html` autofocus`
 }>
<button class="wide">${again === undefined ? 'Sign in' : 'Continue'}</button>
</form>
</div>`,
  };
}

export interface CodeView extends FormView {
  readonly person: Person;
  /** What "Skip OTP" comes to; where nothing weaker would do there is none. */
  readonly canSkip: boolean;
  /** Without a token, and without a phone, no code can come. */
  readonly hasToken: boolean;
  /** That a code can be sent to. */
  readonly phones: readonly Phone[];
  /** The one of them that a code was sent to. */
  readonly sentTo: Phone | undefined;
}

export function codePage(view: CodeView): Page {
  const { wish, formToken, note, person, canSkip, hasToken, phones, sentTo } = view;
  const isFirst = person.session.strength === 'password';
  return {
    title: isFirst ? 'Enter your code' : 'Elevate',
    failed: note !== undefined,
    person,
    body: html`<div class="sheet">
<h1>${isFirst ? 'Enter your code' : 'Elevate'}</h1>
${wantedText(wish)}${noteOf(note ?? (sentTo && sentNote(sentTo)))}${
  hasToken || sentTo ? codeForm(view) : ''
}${phones.length > 0 ? phonesForm(view) : hasToken ? '' : NO_TOKEN}
${canSkip ? skipForm(wish, formToken) : ''}
</div>${hasToken ? resyncHint(canSkip) : ''}`,
  };
}

const resyncHint = (canSkip: boolean): Html => html`
<p class="quiet">Is the token locked, or are its codes refused?
${canSkip ? 'Choose Skip OTP, then open ' : 'Open '}<a href="${ACCOUNT_PATH}/otp">Manage OTP</a>
and choose Resync.</p>`;

const NO_TOKEN = html`<div class="note bad" role="alert"><p>No token is registered to your account.
Contact whoever gives them out.</p></div>`;

const wantedText = ({ strength, proofed }: Wish): Html | undefined =>
  strength === 'password'
    ? undefined
    : html`<p class="quiet">What you are going to needs a code. Credential strength that it needs:
<strong>${STRENGTH_NAMES[strength]}</strong>${proofed ? ', of a proofed credential' : ''}.</p>
`;

const sentNote = ({ number }: Phone): Note => ({
  good: true,
  lines: [`A code is on its way to ${maskNumber(number)}. It is valid for two minutes.`],
});

const codeForm = ({ wish, formToken, note, sentTo }: CodeView): Html =>
  html`<form method="post" action="${wishAddress(wish)}">
${hidden(FORM_FIELD, formToken)}${hidden('step', 'code')}
<label for="code">Code</label>
<input class="code" id="code" name="code" inputmode="numeric" autocomplete="one-time-code"
 maxlength="12" required autofocus aria-describedby="code-hint${note ? ` ${NOTE_ID}` : ''}"${
   note ? html` aria-invalid="true"` : ''
 }>
<span class="hint" id="code-hint">${
    sentTo === undefined
      ? 'Press the button on the front of the token and enter the number that it shows.'
      : 'Enter the number that you receive on your phone.'
  }</span>
<button class="wide">Submit</button>
</form>`;

/** The phone is chosen, then "Send" or, once that was done, "Resend Code". */
function phonesForm({ wish, formToken, phones, sentTo, hasToken }: CodeView): Html {
  const isFirst = !hasToken && sentTo === undefined;
  const chosen = sentTo ?? phones[0];
  return html`<form class="after" method="post" action="${wishAddress(wish)}">
${hidden(FORM_FIELD, formToken)}${hidden('step', 'send')}
<fieldset><legend>${
    sentTo === undefined ? 'Receive a code on your phone' : 'No code came, or it has expired?'
  }</legend>${phones.map(
    (phone) => html`
<label class="choice"><input type="radio" name="phone" value="${phone.id}"${
      phone === chosen ? html` checked` : ''
    }> ${phoneName(phone)}</label>`,
  )}
</fieldset>
<button class="${isFirst ? '' : 'second '}wide">${
    sentTo === undefined ? 'Send' : 'Resend Code'
  }</button>
</form>`;
}

const skipForm = (wish: Wish, formToken: string): Html =>
  html`<form class="after" method="post" action="${wishAddress(wish)}">
${hidden(FORM_FIELD, formToken)}${hidden('step', 'skip')}
<button class="second wide">Skip OTP</button>
</form>`;

/** The way on to another host, or to a path that may lead to one. */
export const onwardPage = (address: string, person: Person | undefined): Page => ({
  title: 'Signed in',
  person,
  body: html`<div class="sheet">
<h1>You are signed in</h1>
<p>The page that you wanted opens by itself.</p>
<p><a class="button" href="${address}">Continue</a></p>
</div>`,
});

export const signOutPage = (formToken: string, person: Person): Page => ({
  title: 'Sign out',
  person,
  body: html`<div class="sheet">
<h1>Sign out</h1>
<p>Your session in this browser ends, and with it your access to what asked you to sign in here.</p>
${signOutForm(formToken)}
</div>`,
});

export const signOutForm = (formToken: string, { isSecond = false } = {}): Html =>
  html`<form method="post" action="/sign-out">${hidden(FORM_FIELD, formToken)}
<button${isSecond ? html` class="second"` : ''}>Sign out</button></form>`;

export const SIGNED_OUT_PAGE: Page = {
  title: 'Signed out',
  body: html`<div class="sheet">
<h1>You are signed out</h1>
<p><a class="button" href="/sign-in">Sign in again</a></p>
</div>`,
};

export const STALE_TEXT =
  'You have signed in or out since this page was opened, or your browser keeps no cookies. ' +
  'Nothing was done: try again.';

/** What went wrong, with the next step. */
export const messagePage = (title: string, lines: readonly string[]): Page => ({
  title,
  failed: true,
  body: html`<div class="sheet">
<h1>${title}</h1>
${noteOf({ lines })}
<p><a class="button second" href="${ACCOUNT_PATH}">My Account</a></p>
</div>`,
});
