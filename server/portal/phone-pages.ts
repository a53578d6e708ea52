import { COUNTRIES } from '../../shared/countries.ts';
import { isAtLeast, type PhoneId } from '../../shared/types.ts';
import { isProved } from '../phones/changing.ts';
import { NUMBER_TEXT_MAX } from '../phones/number.ts';
import { PHONES_MAX, type Phone } from '../phones/record.ts';
import { type AccountView, backToOtp, elevateLink, PHONES_PATH, tabs } from './account-links.ts';
import { type Option, optionsOf } from './fields-part.ts';
import { type Fields, FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { markOf, type Note, noteOf, type Page } from './page.ts';
import { phoneName } from './phone-name.ts';
import { hidden } from './sign-in-pages.ts';
import { stateMark } from './token-part.ts';

/** The numbers that codes are sent to: add, confirm, remove. */

export interface PhonesView extends AccountView {
  readonly phones: readonly Phone[];
  /** Also where the sign-in is by the password alone. */
  readonly mayChange: boolean;
  /** A code was just sent to it: it is asked for first. */
  readonly waiting: Phone | undefined;
  /** Confirmed, and not counted as proofed. */
  readonly uncounted: readonly PhoneId[];
  readonly note?: Note | undefined;
  /** What was typed and refused. */
  readonly typed?: Fields | undefined;
}

export function phonesPage(view: PhonesView): Page {
  const { person, phones, waiting, note } = view;
  const confirmed = phones.filter(isProved).length;
  // "Updated only after you log in with your phone OTP" (seed 003).
  const mayChange =
    view.mayChange || confirmed === 0 || isAtLeast(person.session.strength, 'phoneOtp');
  return {
    title: 'Phones',
    failed: note !== undefined && !note.good,
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Phones</h1>
${noteOf(note)}${waiting === undefined ? '' : codeSheet(waiting, view)}${
  phones.length === 0 ? '' : listSheet(view, mayChange)
}${confirmed === 1 ? SECOND : ''}${
  mayChange
    ? phones.length < PHONES_MAX
      ? addSheet(view)
      : html`<p class="quiet">You have ${PHONES_MAX} numbers, and no more can be added.</p>`
    : html`<section class="sheet" aria-labelledby="elevate"><h2 id="elevate">To change them</h2>
<p>For the protection of your account, numbers can be changed only after you have signed in with a
code: choose Elevate.</p>${elevateLink(person, { returnTo: PHONES_PATH })}</section>`
}${backToOtp}`,
  };
}

const SECOND = html`<p class="note good">Two numbers are recommended: if you lose one phone, you
sign in with the other, and change the numbers.</p>
`;

function listSheet(
  { phones, uncounted, formToken, waiting }: PhonesView,
  mayChange: boolean,
): Html {
  const row = (phone: Phone) => html`<li><div class="head"><strong>${phoneName(phone)}</strong>
${stateMark(
  isProved(phone) ? 'Confirmed' : 'Not confirmed',
  isProved(phone),
)}</div>${uncounted.includes(phone.id) ? UNCOUNTED : ''}${
    mayChange
      ? html`<div class="row">${
          isProved(phone) || phone === waiting
            ? ''
            : stepForm('send', 'Send the code', phone, formToken)
        }${
          uncounted.includes(phone.id) && phone !== waiting
            ? stepForm('again', 'Confirm again', phone, formToken)
            : ''
        }${stepForm('remove', 'Remove', phone, formToken)}</div>`
      : ''
  }</li>`;
  return html`<section class="sheet" aria-labelledby="list"><h2 id="list">Your numbers</h2>
<ul class="list">${phones.map(row)}</ul></section>
`;
}

const UNCOUNTED = html`
<p class="quiet">Codes to this number do not count as proofed: if it is yours, sign in with
your hardware token, or a code to a number that counts, and confirm it again, or ask the helpdesk to
add it; if it is not yours, remove it.</p>`;

const stepForm = (step: string, name: string, phone: Phone, formToken: string): Html =>
  html`<form method="post" action="${PHONES_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden('step', step)}${hidden('phone', phone.id)}
<button class="second">${name}<span class="unseen"> ${phoneName(phone)}</span></button></form>`;

function codeSheet(phone: Phone, { formToken, note, typed }: PhonesView): Html {
  const isRefused = typed?.get('step') === 'verify';
  return html`<section class="sheet" aria-labelledby="enter"><h2 id="enter">Enter the code</h2>
<p>A code was sent: ${phoneName(phone)}. It is valid for two minutes.</p>
<form method="post" action="${PHONES_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden('step', 'verify')}${hidden('phone', phone.id)}
<label for="code">Verification</label>
<input class="code" id="code" name="code" inputmode="numeric" autocomplete="one-time-code"
 maxlength="12" required autofocus${isRefused ? markOf(note) : ''}>
<div class="row"><button>Continue</button></div></form>
<form class="after" method="post" action="${PHONES_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden(
  'step',
  isProved(phone) ? 'again' : 'send',
)}${hidden('phone', phone.id)}
<button class="second">Resend Code</button></form></section>
`;
}

function addSheet({ formToken, phones, note, typed, person }: PhonesView): Html {
  const add = typed?.get('step') === 'add' ? typed : undefined;
  const kind = add?.get('kind') === 'voice' ? 'voice' : 'text';
  const choice = (value: 'text' | 'voice', name: string) => html`
<label class="choice"><input type="radio" name="kind" value="${value}"${
    kind === value ? html` checked` : ''
  }> ${name}</label>`;
  return html`<section class="sheet" aria-labelledby="add">
<h2 id="add">${phones.length === 0 ? 'Register Your Phone' : 'Add another number'}</h2>
<form method="post" action="${PHONES_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden('step', 'add')}
<fieldset><legend>Codes come as</legend>${choice('text', 'Text Capable')}${choice(
    'voice',
    'Voice Only',
  )}</fieldset>
<label for="country">Country</label>
${countrySelect(add?.get('country') ?? person.account.country)}
<label for="number">Phone number</label>
<input id="number" name="number" type="tel" autocomplete="tel" maxlength="${NUMBER_TEXT_MAX}"
 value="${add?.get('number') ?? ''}" required${add ? markOf(note) : ''}>
<div class="row"><button>Register</button></div></form></section>
`;
}

const NAMES = new Intl.DisplayNames(['en'], { type: 'region' });
export const countryName = (code: string): string => NAMES.of(code) ?? code;
const NAMED_COUNTRIES: readonly Option[] = [...COUNTRIES]
  .map((code) => [code, countryName(code)] as const)
  .toSorted(([, a], [, b]) => a.localeCompare(b, 'en'));

export const countryOptions = (chosen: string | undefined): Html =>
  optionsOf([['', 'Choose…'], ...NAMED_COUNTRIES], chosen);

/** Without one of its own it asks for a choice. */
export const countrySelect = (chosen: string | undefined): Html => html`
<select id="country" name="country" autocomplete="country" required>${countryOptions(
  chosen,
)}</select>`;
