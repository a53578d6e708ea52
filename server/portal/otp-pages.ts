import type { Serial, UnixMillis } from '../../shared/types.ts';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { CredentialDetail } from '../credentials/port.ts';
import { PRODUCTS } from '../orders/catalogue.ts';
import { isProved } from '../phones/changing.ts';
import type { Phone } from '../phones/record.ts';
import { daysLeftAt, isRenewable, revokesAt, statusAt } from '../subscriptions/terms.ts';
import { askedInstead } from '../tokens/account-situation.ts';
import type { TokenDetail } from '../tokens/port.ts';
import {
  type AccountView,
  elevateLink,
  GET_PATH,
  OTP_PATH,
  ofCredential,
  PHONES_PATH,
  RENEW_PATH,
  REVOKE_PATH,
  SET_UP_PATH,
  tabs,
  UPGRADE_PATH,
} from './account-links.ts';
import { day } from './dates.ts';
import { type Html, html } from './html.ts';
import { type Note, noteOf, type Page } from './page.ts';
import { phoneName } from './phone-name.ts';
import { holdState, stateMark, tokenPart } from './token-part.ts';

/** "Manage OTP": what somebody has to sign in with, and what can be done about it. */

export interface OtpView extends AccountView {
  readonly now: UnixMillis;
  readonly credentials: readonly CredentialDetail[];
  /** Registered to the account, of a credential or of none. */
  readonly tokens: readonly TokenDetail[];
  readonly phones: readonly Phone[];
  /** At the top: something was done. */
  readonly done?: Note | undefined;
  /** At this token's form: it was refused. */
  readonly refusal?: { readonly serial: string; readonly note: Note } | undefined;
}

/** What is over is told of, and not without end. */
const REVOKED_SHOWN_MAX = 5;

export function otpPage(view: OtpView): Page {
  const { person, now, credentials, tokens, done, refusal } = view;
  const alive = credentials.filter((each) => stateOf(each, now) !== 'revoked');
  const over = credentials.filter((each) => !alive.includes(each)).slice(-REVOKED_SHOWN_MAX);
  const serials = new Set(alive.map(({ credential }) => credential.serial));
  const others = tokens.filter(({ token }) => !serials.has(token.serial));
  const isEmpty = credentials.length === 0 && others.length === 0;
  return {
    title: 'Manage OTP',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Manage OTP</h1>
${noteOf(done)}${
  isEmpty ? html`<p class="sheet">No token is registered to your account.</p>` : ''
}${alive.map((each, index) => credentialSheet(each, `credential${index + 1}`, view))}${others.map(
  (detail, index) => tokenSheet(detail, `token${index + 1}`, view),
)}${phonesSheet(view)}${over.map((each, index) => overSheet(each, `over${index + 1}`))}
<div class="row"><a class="button${
      isEmpty ? '' : ' second'
    }" href="${GET_PATH}">Purchase or Register Credentials</a>
${elevateLink(person, { returnTo: OTP_PATH })}</div>`,
  };
}

const noteAt = ({ refusal }: OtpView, { token }: TokenDetail): Note | undefined =>
  refusal?.serial === token.serial ? refusal.note : undefined;

/** In the order in which they were registered. */
function askedFor(detail: TokenDetail, { tokens, person, now }: OtpView): Serial | undefined {
  const inOrder = person.account.serials.flatMap(
    (serial) => tokens.find(({ token }) => token.serial === serial) ?? [],
  );
  return askedInstead(detail, inOrder, now)?.token.serial;
}

/** A token that was given out without a subscription. */
function tokenSheet(detail: TokenDetail, id: string, view: OtpView): Html {
  const hold = holdState(detail);
  const note = noteAt(view, detail);
  const asked = askedFor(detail, view);
  return html`<section class="sheet" aria-labelledby="${id}">
<div class="head"><h2 id="${id}">${detail.token.serial}</h2>
${stateMark(hold ?? 'Active', hold === undefined)}</div>
${tokenPart(detail, { id, formToken: view.formToken, note, asked })}</section>
`;
}

type State = 'setUp' | 'active' | 'suspended' | 'revoked';

/** Judged by time first, as a code is. */
export function stateOf({ credential, subscription }: CredentialDetail, now: UnixMillis): State {
  const status = statusAt(subscription, now);
  if (credential.stage === 'revoked' || status === 'revoked') return 'revoked';
  if (status === 'suspended') return 'suspended';
  return credential.stage === 'active' ? 'active' : 'setUp';
}

const STATE_NAMES: Readonly<Record<State, string>> = {
  setUp: 'Not set up',
  active: 'Active',
  suspended: 'Suspended',
  revoked: 'Revoked',
};

function credentialSheet(detail: CredentialDetail, id: string, view: OtpView): Html {
  const { credential, subscription } = detail;
  const { now, formToken, tokens } = view;
  const state = stateOf(detail, now);
  const token = tokens.find((each) => each.token.serial === credential.serial);
  const hold = state === 'active' && token !== undefined ? holdState(token) : undefined;
  return html`<section class="sheet" aria-labelledby="${id}">
<div class="head"><h2 id="${id}">${STRENGTH_NAMES[credential.type]}${
    credential.serial === undefined ? '' : ` ${credential.serial}`
  }</h2>
${stateMark(hold ?? STATE_NAMES[state], state === 'active' && hold === undefined)}</div>
<dl class="facts">
<dt>Product</dt><dd>${PRODUCTS[subscription.product].name}</dd>
<dt>Renewal date</dt><dd>${day(subscription.expiresAt)}${daysLeft(detail, now)}</dd>
</dl>
${stateText(detail, state)}${actions(detail, state, now)}${
  token === undefined
    ? ''
    : tokenPart(token, {
        id,
        formToken,
        note: noteAt(view, token),
        credential: credential.id,
        asked: askedFor(token, view),
        isOver: state === 'suspended',
      })
}</section>
`;
}

/** Within 30 days of the renewal date. */
export function daysLeft(
  { subscription }: Pick<CredentialDetail, 'subscription'>,
  now: UnixMillis,
): Html | undefined {
  const left = daysLeftAt(subscription, now);
  return left === undefined
    ? undefined
    : html` <strong>(${left} ${left === 1 ? 'day' : 'days'} left)</strong>`;
}

function stateText({ credential, subscription }: CredentialDetail, state: State): Html | undefined {
  if (state === 'suspended') {
    return html`<p class="gap">Its year is over. Renew it by ${day(
      revokesAt(subscription),
    )}: after that it is revoked, and you need a new one.</p>`;
  }
  if (credential.replacement === undefined || credential.stage !== 'active') return undefined;
  return html`<p class="gap">A replacement is granted. Revoke this one first, 24 hours before you
activate the new one if you can.</p>`;
}

function actions(
  { credential, subscription }: CredentialDetail,
  state: State,
  now: UnixMillis,
): Html | undefined {
  const { id, type, stage, proofing } = credential;
  const link = (path: string, name: string, isSecond: boolean) =>
    html`<a class="button${isSecond ? ' second' : ''}" href="${path}">${name}<span class="unseen">
${STRENGTH_NAMES[type]} ${id}</span></a>`;
  const isDue = stage !== 'active' || proofing?.state === 'due';
  const canRenew = isRenewable(subscription, now);
  const parts = [
    isDue ? link(ofCredential(SET_UP_PATH, id), 'Continue set-up', false) : undefined,
    canRenew ? link(ofCredential(RENEW_PATH, id), 'Renew', isDue) : undefined,
    state === 'active' && !subscription.proofing
      ? link(ofCredential(UPGRADE_PATH, id), 'Proofing Upgrade', true)
      : undefined,
    stage === 'active' && type === 'phoneOtp' ? link(PHONES_PATH, 'Phones', true) : undefined,
    // A token's stands among its details, as seed 004 has it.
    credential.serial === undefined && state !== 'revoked'
      ? link(ofCredential(REVOKE_PATH, id), 'Revoke', true)
      : undefined,
  ];
  const shown = parts.filter((part) => part !== undefined);
  return shown.length === 0 ? undefined : html`<div class="row">${shown}</div>`;
}

const overSheet = ({ credential, subscription }: CredentialDetail, id: string): Html =>
  html`<section class="sheet" aria-labelledby="${id}">
<div class="head"><h2 id="${id}">${STRENGTH_NAMES[credential.type]}</h2>
${stateMark(STATE_NAMES.revoked, false)}</div>
<p class="quiet last">${PRODUCTS[subscription.product].name}. A revoked credential cannot be
reactivated: purchase and set up a new one.</p></section>
`;

function phonesSheet({ phones }: OtpView): Html | undefined {
  if (phones.length === 0) return undefined;
  return html`<section class="sheet" aria-labelledby="phones">
<h2 id="phones">Phones</h2>
<ul class="list">${phones.map(
    (phone) =>
      html`<li>${phoneName(phone)}${
        isProved(phone) ? '' : html` <span class="quiet">(not confirmed)</span>`
      }</li>`,
  )}</ul>
<div class="row"><a class="button second" href="${PHONES_PATH}">Change phones</a></div>
</section>
`;
}
