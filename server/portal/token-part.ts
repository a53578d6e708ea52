import type { CredentialId, Hold, Serial } from '../../shared/types.ts';
import type { TokenDetail } from '../tokens/port.ts';
import type { TokenRecord } from '../tokens/record.ts';
import { REFUSALS } from '../verification/holds.ts';
import {
  FOUND_PATH,
  LOST_PATH,
  OTP_PATH,
  ofCredential,
  ofToken,
  REVOKE_PATH,
} from './account-links.ts';
import { moment } from './dates.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import { markOf, type Note, noteOf } from './page.ts';
import { hidden } from './sign-in-pages.ts';

/** A token on "Manage OTP": its state, View Details, Resync, Lost and Revoke. */

const HOLD_TEXTS: Readonly<Record<Hold, readonly [state: string, text: string]>> = {
  lost: ['Lost', 'It is reported lost. If you have it again, contact customer support.'],
  disabled: ['Disabled', 'It is disabled after too many failures. Contact customer support.'],
  adminLocked: ['Locked by support', 'Support has locked it. Contact customer support.'],
  suspended: ['Suspended', 'It is suspended. Contact customer support.'],
  locked: [
    'Locked',
    'It is locked after repeated failures. Enter two of its numbers below to unlock it.',
  ],
};
/** Gravest first, as in an answer. */
const HOLDS_BY_WEIGHT = REFUSALS.flatMap(({ hold }) => hold ?? []);

const gravestHold = ({ token: { holds } }: TokenDetail): Hold | undefined =>
  HOLDS_BY_WEIGHT.find((each) => holds.includes(each));

/** What a token says of itself in one word; undefined: nothing keeps it from working. */
export function holdState(detail: TokenDetail): string | undefined {
  const hold = gravestHold(detail);
  return hold && HOLD_TEXTS[hold][0];
}

/** `good` or `bad`. */
export const stateMark = (text: string, isGood: boolean): Html =>
  html`<span class="state ${isGood ? 'good' : 'bad'}">${text}</span>`;

export interface TokenPart {
  /** Of its fields, unlike any other's of the page. */
  readonly id: string;
  readonly formToken: string;
  /** At its form: it was refused. */
  readonly note: Note | undefined;
  /** What is revoked with it, where that is the person's to revoke. */
  readonly credential?: CredentialId | undefined;
  /** Another one is asked in its place when its owner signs in. */
  readonly asked?: Serial | undefined;
  /** Time has suspended it: two codes change nothing about that. Default false. */
  readonly isOver?: boolean;
}

/** Under the heading of what it belongs to. */
export function tokenPart(detail: TokenDetail, part: TokenPart): Html {
  const { token, factor } = detail;
  const { serial, parameters, model, registeredAt } = token;
  const { note, credential, asked, isOver = false } = part;
  const hold = gravestHold(detail);
  const canResync = !isOver && (hold === undefined || hold === 'locked');
  return html`${hold === undefined ? '' : holdText(hold, token)}${
    asked === undefined ? '' : askedText(asked)
  }${noteOf(note)}
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
${canResync ? resyncForm(serial, token.mobileId === true, part) : ''}${endings(token, credential)}
</details>
`;
}

const askedText = (serial: Serial): Html => html`
<p class="gap">When you sign in, the code of <strong>${serial}</strong> is asked for: it was
registered later. This one is asked for once that one is revoked or reported lost.</p>
`;

/** Whoever has reported it lost can take that back; what others have said only they can. */
function holdText(hold: Hold, { serial, ownWord }: TokenRecord): Html {
  if (hold !== 'lost' || ownWord?.lostAt === undefined)
    return html`<p class="gap">${HOLD_TEXTS[hold][1]}</p>`;
  return html`<p class="gap">You have reported it lost: its codes are refused.</p>
<p class="row"><a class="button second" href="${ofToken(FOUND_PATH, serial)}">I have found it<span
 class="unseen"> ${serial}</span></a></p>`;
}

function endings(
  { serial, holds }: TokenRecord,
  credential: CredentialId | undefined,
): Html | undefined {
  const canLose = !holds.includes('lost');
  if (!canLose && credential === undefined) return undefined;
  const link = (path: string, name: string) =>
    html`<a class="button second" href="${path}">${name}<span class="unseen"> ${serial}</span></a>`;
  return html`<p class="row">${
    canLose ? link(ofToken(LOST_PATH, serial), 'I have lost it') : ''
  }${credential === undefined ? '' : link(ofCredential(REVOKE_PATH, credential), 'Revoke')}</p>`;
}

function resyncForm(serial: string, isApp: boolean, { id, formToken, note }: TokenPart): Html {
  const field = (name: string, label: string) => html`<div>
<label for="${id}-${name}">${label}</label>
<input class="code" id="${id}-${name}" name="${name}" inputmode="numeric" autocomplete="off"
 maxlength="12" required${markOf(note)}></div>`;
  return html`<form method="post" action="${OTP_PATH}">
${hidden(FORM_FIELD, formToken)}${hidden('serial', serial)}
<fieldset><legend>Resync</legend>
<span class="hint">${isApp ? APP_HINT : BUTTON_HINT}</span>
<div class="pair">
${field('code1', 'One-Time Password One')}
${field('code2', 'One-Time Password Two')}
</div></fieldset>
<div class="row"><button>Resync</button></div>
</form>`;
}

const BUTTON_HINT =
  'Press the button and enter the number. Wait 30 seconds, press the button again and enter the ' +
  'second number.';
const APP_HINT = 'Enter the code that the app shows, and then the next one.';
