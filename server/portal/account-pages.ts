import type { Hold, UnixMillis } from '../../shared/types.ts';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { Session } from '../sessions/port.ts';
import type { TokenDetail } from '../tokens/port.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { NOTE_ID, type Note, noteOf, type Page, type Person } from './page.ts';
import { hidden, signOutForm } from './sign-in-pages.ts';
import { ACCOUNT_PATH } from './wish.ts';

/** What a person sees of the own account: "My Account", and "Manage OTP" below it. */

export const OTP_PATH = `${ACCOUNT_PATH}/otp`;
const ELEVATE_ADDRESS = `/sign-in?return=${ACCOUNT_PATH}&step=code`;

interface AccountView {
  readonly person: Person;
  readonly formToken: string;
}

const tabs = (here: 'account' | 'otp'): Html => {
  const tab = (path: string, name: string, isHere: boolean) =>
    html`<li><a href="${path}"${isHere ? html` aria-current="page"` : ''}>${name}</a></li>`;
  return html`<nav aria-label="Account"><ul class="tabs">
${tab(ACCOUNT_PATH, 'My Account', here === 'account')}
${tab(OTP_PATH, 'Manage OTP', here === 'otp')}
</ul></nav>
`;
};

export function accountPage(
  { person, formToken }: AccountView,
  sessions: readonly Session[],
): Page {
  const { session } = person;
  // Whoever has given a password only more likely wants to give a code than to leave.
  const isFirst = session.strength === 'password';
  return {
    title: 'My Account',
    person,
    narrow: false,
    body: html`${tabs('account')}<h1>My Account</h1>
<section class="sheet" aria-labelledby="strength">
<h2 id="strength">Credential strength: ${STRENGTH_NAMES[session.strength]}</h2>
${strengthText(session)}
<div class="row">${elevateLink(session, { isFirst })}${signOutForm(formToken, {
      isSecond: isFirst,
    })}</div>
</section>
<section class="sheet" aria-labelledby="sessions">
<h2 id="sessions">Where you are signed in</h2>
<ul class="list">${sessions.map((each) => sessionRow(each, each.id === session.id))}</ul>
<form class="row" method="post" action="/sign-out">
${hidden(FORM_FIELD, formToken)}${hidden('everywhere', 'yes')}
<button class="second">Sign out everywhere</button></form>
</section>`,
  };
}

function strengthText({ strength, serial, strengthAt }: Session): Html {
  if (strength === 'password') {
    return html`<p>You have signed in with your password only. Some applications open only after
you have given a code: choose Elevate.</p>`;
  }
  const ofToken = serial && html` of token <strong>${serial}</strong>`;
  return html`<p>You gave a code${ofToken}
on ${moment(strengthAt)}.</p>`;
}

const elevateLink = ({ strength }: Session, { isFirst = false } = {}): Html | undefined =>
  strength === 'hardwareToken'
    ? undefined
    : html`<a class="button${isFirst ? '' : ' second'}" href="${ELEVATE_ADDRESS}">Elevate</a>`;

const sessionRow = (session: Session, isHere: boolean): Html => html`
<li><div class="head"><strong>${STRENGTH_NAMES[session.strength]}</strong>${
  isHere ? html`<span class="state good">This browser</span>` : ''
}</div>
<span class="quiet">Signed in on ${moment(session.authenticatedAt)}, last used
${moment(session.lastSeenAt)}</span></li>`;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** In UTC: the server does not know where its reader is. */
function moment(at: UnixMillis): Html {
  const date = new Date(at);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  const iso = date.toISOString();
  return html`<time datetime="${iso}">${day}, ${iso.slice(11, 16)} UTC</time>`;
}

export interface OtpView extends AccountView {
  readonly tokens: readonly TokenDetail[];
  /** At the top: something was done. */
  readonly done?: Note | undefined;
  /** At this token's form: it was refused. */
  readonly refusal?: { readonly serial: string; readonly note: Note } | undefined;
}

export function otpPage({ person, formToken, tokens, done, refusal }: OtpView): Page {
  return {
    title: 'Manage OTP',
    failed: refusal !== undefined,
    person,
    narrow: false,
    body: html`${tabs('otp')}<h1>Manage OTP</h1>
${noteOf(done)}${
  tokens.length === 0
    ? html`<p class="sheet">No token is registered to your account.</p>`
    : tokens.map((detail, index) =>
        tokenSheet(detail, {
          id: `token${index + 1}`,
          formToken,
          note: refusal?.serial === detail.token.serial ? refusal.note : undefined,
        }),
      )
}<div class="row">${elevateLink(person.session)}</div>`,
  };
}

/** Gravest first, as in an answer (DESIGN section 5). */
const HOLD_TEXTS: Readonly<Record<Hold, readonly [state: string, text: string]>> = {
  lost: ['Lost', 'It is reported as lost. If you have it again, contact customer support.'],
  disabled: ['Disabled', 'It is disabled after too many failures. Contact customer support.'],
  adminLocked: ['Locked by support', 'Support has locked it. Contact customer support.'],
  suspended: ['Suspended', 'It is suspended. Contact customer support.'],
  locked: [
    'Locked',
    'It is locked after repeated failures. Enter two of its numbers below to unlock it.',
  ],
};
const HOLDS_BY_WEIGHT = ['lost', 'disabled', 'adminLocked', 'suspended', 'locked'] as const;

interface Sheet {
  readonly id: string;
  readonly formToken: string;
  readonly note: Note | undefined;
}

function tokenSheet({ token, factor }: TokenDetail, { id, formToken, note }: Sheet): Html {
  const { serial, holds, parameters, model, registeredAt } = token;
  const hold = HOLDS_BY_WEIGHT.find((each) => holds.includes(each));
  const [state, text] = hold === undefined ? ['Active', undefined] : HOLD_TEXTS[hold];
  const canResync = hold === undefined || hold === 'locked';
  return html`<section class="sheet" aria-labelledby="${id}">
<div class="head"><h2 id="${id}">${serial}</h2>
<span class="state ${hold === undefined ? 'good' : 'bad'}">${state}</span></div>
${text === undefined ? '' : html`<p>${text}</p>`}${noteOf(note)}
<details${hold === 'locked' || note !== undefined ? html` open` : ''}>
<summary>View Details<span class="quiet"> of ${serial}</span></summary>
<dl class="facts">
<dt>Kind</dt><dd>${parameters.type === 'time' ? 'Time token' : 'Event token'}${
    model === undefined ? '' : `, ${model}`
  }</dd>${
    registeredAt === undefined
      ? ''
      : html`
<dt>Registered</dt><dd>${moment(registeredAt)}</dd>`
  }${
    factor.lastAcceptedAt === undefined
      ? ''
      : html`
<dt>Last code accepted</dt><dd>${moment(factor.lastAcceptedAt)}</dd>`
  }
</dl>
${canResync ? resyncForm(serial, { id, formToken, note }) : ''}
</details>
</section>
`;
}

function resyncForm(serial: string, { id, formToken, note }: Sheet): Html {
  const field = (name: string, label: string) => html`<div>
<label for="${id}-${name}">${label}</label>
<input class="code" id="${id}-${name}" name="${name}" inputmode="numeric" autocomplete="off"
 maxlength="12" required${
   note ? html` aria-invalid="true" aria-describedby="${NOTE_ID}"` : ''
 }></div>`;
  return html`<form method="post" action="${OTP_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden('serial', serial)}
<fieldset><legend>Resync</legend>
<span class="hint">Press the button and enter the number. Wait 30 seconds, press the button again
and enter the second number.</span>
<div class="pair">
${field('code1', 'One-Time Password One')}
${field('code2', 'One-Time Password Two')}
</div></fieldset>
<div class="row"><button>Resync</button></div>
</form>`;
}
