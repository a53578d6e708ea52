import type { UnixMillis } from '../../shared/types.ts';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { CredentialDetail, RegistrationWarning } from '../credentials/port.ts';
import type { ProofingMethod } from '../credentials/record.ts';
import type { NewMobileId } from '../mobile-ids/port.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import type { Question } from '../proofing/port.ts';
import type { ProofingRecord } from '../proofing/record.ts';
import {
  type AccountView,
  backToOtp,
  elevateLink,
  ofCredential,
  PHONES_PATH,
  SET_UP_PATH,
  tabs,
} from './account-links.ts';
import { type Fields, FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { stateOf } from './otp-pages.ts';
import { markOf, NOTE_ID, type Note, noteOf, type Page, sheet } from './page.ts';
import { proofingPart } from './proofing-part.ts';
import { hidden } from './sign-in-pages.ts';

/** Setting up a credential: what is to be done next, and only that. */

export interface SetUpView extends AccountView {
  readonly now: UnixMillis;
  readonly detail: CredentialDetail;
  readonly note: Note | undefined;
  /** A stronger sign-in would do. */
  readonly isTooWeak: boolean;
  readonly typed?: Fields;
  readonly proofing:
    | { readonly record: ProofingRecord; readonly offered: readonly ProofingMethod[] }
    | undefined;
  readonly questions?: readonly Question[];
  readonly mobileId?: NewMobileId;
  readonly warning: RegistrationWarning | undefined;
}

export function setUpPage(view: SetUpView): Page {
  const { detail, person, note, isTooWeak } = view;
  const { credential, subscription } = detail;
  const isDue = credential.proofing?.state === 'due';
  const returnTo = ofCredential(SET_UP_PATH, credential.id);
  return {
    title: 'Setup & Activation',
    failed: note !== undefined,
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Setup &amp; Activation</h1>
<p class="quiet">${STRENGTH_NAMES[credential.type]}: ${PRODUCTS[subscription.product].name}</p>
${noteOf(note)}${isTooWeak ? elevateLink(person, { returnTo, isFirst: true }) : ''}${
  stateOf(detail, view.now) === 'revoked'
    ? sheet(
        'over',
        'Revoked',
        html`<p class="last">It cannot be reactivated: purchase and set
up a new one.</p>`,
      )
    : html`${isDue ? proofingSheet(view) : ''}${stageSheet(view)}`
}${backToOtp}`,
  };
}

const formIn =
  ({ detail, formToken }: SetUpView) =>
  (step: string, inside: Html): Html =>
    html`<form method="post" action="${ofCredential(SET_UP_PATH, detail.credential.id)}">
${hidden(FORM_FIELD, formToken)}${hidden('step', step)}${inside}</form>`;

function proofingSheet(view: SetUpView): Html | undefined {
  const { proofing, person, questions, typed, note } = view;
  if (proofing === undefined) return undefined;
  const profileNote = typed?.get('step') === 'profile' ? note : undefined;
  const part = { ...proofing, person, questions, typed, profileNote, form: formIn(view) };
  return sheet('proofing', 'Identity Proofing', proofingPart(part));
}

function stageSheet(view: SetUpView): Html | undefined {
  switch (view.detail.credential.stage) {
    case 'activation':
      return activationSheet(view);
    case 'registration':
      return registrationSheet(view);
    case 'active':
      return activeSheet(view);
    case 'proofing':
    case 'revoked':
      return undefined;
  }
}

function activationSheet(view: SetUpView): Html {
  const { person, detail, note } = view;
  const { name, legalName, country, id } = person.account;
  const asksCode = detail.credential.activation !== undefined;
  const field = html`<label for="activationCode">Activation code</label>
<input class="key" id="activationCode" name="activationCode" autocomplete="off"
 autocapitalize="characters" spellcheck="false" maxlength="40" required
 aria-describedby="activation-hint${note ? ` ${NOTE_ID}` : ''}"${
   note ? html` aria-invalid="true"` : ''
 }>
<span class="hint" id="activation-hint">The proofing agent gave it to you at the end of your
session.</span>`;
  return sheet(
    'activate',
    'Activate',
    html`<dl class="facts"><dt>User</dt><dd>${id}</dd>${
      name === undefined ? '' : html`<dt>Name</dt><dd>${name}</dd>`
    }${legalName === undefined ? '' : html`<dt>Legal name</dt><dd>${legalName}</dd>`}${
      country === undefined ? '' : html`<dt>Country</dt><dd>${country}</dd>`
    }</dl>${formIn(view)(
      'activate',
      html`${asksCode ? field : ''}<div class="row"><button>Activate</button></div>`,
    )}`,
  );
}

function registrationSheet(view: SetUpView): Html {
  switch (view.detail.credential.type) {
    case 'hardwareToken':
      return sheet('register', 'Register Your Token', tokenForm(view));
    case 'mobileId':
      return sheet('register', 'Set Up Mobile ID', mobilePart(view));
    case 'phoneOtp':
      return sheet(
        'register',
        'Register Your Phone',
        html`<p>Register up to three numbers; two are recommended. A code is sent to each.</p>
<div class="row"><a class="button" href="${PHONES_PATH}">Register Your Phone</a></div>`,
      );
  }
}

const codeFields = ({ note }: SetUpView, [one, two]: readonly [string, string]): Html =>
  html`<div class="pair">${[['code1', one] as const, ['code2', two] as const].map(
    ([name, label]) => html`<div><label for="${name}">${label}</label>
<input class="code" id="${name}" name="${name}" inputmode="numeric" autocomplete="off"
 maxlength="12" required${markOf(note)}></div>`,
  )}</div>`;

const tokenForm = (view: SetUpView): Html =>
  formIn(view)(
    'register',
    html`<label for="serial">Token Serial Number</label>
<input id="serial" name="serial" autocomplete="off" autocapitalize="characters" spellcheck="false"
 maxlength="100" required value="${view.typed?.get('serial') ?? ''}"
 aria-describedby="serial-hint"><span class="hint" id="serial-hint">On the back of the token.</span>
${codeFields(view, ['Token Code 1', 'Token Code 2'])}<span class="hint">Press the button and enter
the number as Token Code 1. Wait 30 seconds, press the button again and enter that number as Token
Code 2.</span><div class="row"><button>Submit</button></div>`,
  );

/** Shown once: it is drawn into the page, and loaded from nowhere. */
const picture = ({ qrCode, uri }: NewMobileId): Html => html`<p>Scan this with your authenticator
app. It is shown this once: nobody else may see it.</p>
<p><img class="qr" alt="QR code of the new Mobile ID" width="240" height="240"
 src="data:image/svg+xml,${encodeURIComponent(qrCode)}"></p>
<details><summary>I cannot scan it</summary><p class="gap"><a href="${uri}">Open it in an app on
this device</a>, or type this key into the app:</p><p><code>${keyOf(uri)}</code></p></details>
`;

/** In groups of four, as people type them. */
const keyOf = (uri: string): string =>
  (new URL(uri).searchParams.get('secret') ?? '').replace(/(.{4})(?=.)/g, '$1 ');

function mobilePart(view: SetUpView): Html {
  const form = formIn(view);
  const { mobileId, typed } = view;
  const serial = mobileId?.serial ?? (typed?.get('step') === 'confirm' ? typed.get('serial') : '');
  const begin = (name: string, isSecond: boolean) =>
    form('mobile', html`<button${isSecond ? html` class="second"` : ''}>${name}</button>`);
  if (serial === undefined || serial === '') {
    return html`<p>You need an authenticator app on your phone: any that shows codes.</p>${begin(
      'Show the QR code',
      false,
    )}`;
  }
  return html`${mobileId === undefined ? '' : picture(mobileId)}${form(
    'confirm',
    html`${hidden('serial', serial)}<p>Enter the code that the app shows, wait for the next one, and
enter that too.</p>${codeFields(view, ['Code 1', 'Code 2'])}<div class="row">
<button>Confirm</button></div>`,
  )}<div class="after">${begin('Show another QR code', true)}</div>`;
}

function activeSheet({ detail, warning }: SetUpView): Html {
  const { type } = detail.credential;
  const early = html`<div class="note bad" role="alert"><p>It was registered before your token can
have been delivered. If this is not the token that you received, contact customer
support.</p></div>`;
  return sheet(
    'active',
    'Active',
    html`${warning === 'beforeDelivery' ? early : ''}<p>You can sign in with it.</p>${
      type === 'hardwareToken'
        ? html`<p>Register a phone too: if you lose the token, you sign in with codes that are sent
to it, and need no identity proofing again.</p>
<div class="row"><a class="button" href="${PHONES_PATH}">Register a phone</a></div>`
        : ''
    }`,
  );
}
