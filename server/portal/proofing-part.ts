import type { ProofingMethod } from '../credentials/record.ts';
import type { Question } from '../proofing/port.ts';
import type { ProofingRecord } from '../proofing/record.ts';
import { moment } from './dates.ts';
import type { Fields } from './forms.ts';
import { type Html, html } from './html.ts';
import { markOf, type Note, type Person } from './page.ts';
import { countrySelect } from './phone-pages.ts';

/** Identity proofing on the way to a credential: profile, choice, questions, live session. */

export interface ProofingPart {
  readonly person: Person;
  readonly record: ProofingRecord;
  readonly offered: readonly ProofingMethod[];
  readonly questions: readonly Question[] | undefined;
  readonly typed: Fields | undefined;
  /** The profile was refused. */
  readonly profileNote: Note | undefined;
  /** A form of this step with `inside` in it. */
  readonly form: (step: string, inside: Html) => Html;
}

export function proofingPart(part: ProofingPart): Html {
  const { record, questions } = part;
  if (questions !== undefined) return questionsForm(questions, part);
  switch (record.state) {
    case 'profile':
      return profileForm(part);
    case 'choice':
    case 'questions':
    case 'failed':
      return html`${verdictText(record)}${choice(part)}`;
    case 'requested':
      return html`<p>Your live video session is requested. You get a mail with its time.</p>
${profileAgain(part)}`;
    case 'scheduled':
      return html`<p>Your live video session: <strong>${
        record.appointment && moment(record.appointment.at)
      }</strong>. Have your passport or driver's license with you. At its end the agent gives you an
activation code.</p>${profileAgain(part)}`;
    case 'passed':
      return html`<p>Your identity is proofed.</p>`;
  }
}

function profileForm({ form, typed, person, profileNote }: ProofingPart): Html {
  const { legalName = '', country } = person.account;
  return form(
    'profile',
    html`<p>Confirm your profile. The name in your account must be your legal name, as in your
passport.</p>
<label for="legalName">Legal name</label>
<input id="legalName" name="legalName" autocomplete="name" maxlength="200" required
 value="${typed?.get('legalName') ?? legalName}"${markOf(profileNote)}>
<label for="country">Country</label>
${countrySelect(typed?.get('country') ?? country)}
<div class="row"><button>Next</button></div>`,
  );
}

/** A name that was put right meanwhile is confirmed again. */
const profileAgain = (part: ProofingPart): Html => html`<details><summary>My name or country was
wrong</summary>${profileForm(part)}</details>`;

const verdictText = ({ state, verdict }: ProofingRecord): Html | undefined =>
  state === 'questions'
    ? html`<p>Questions were begun and not answered. Begin them again, or choose the other way.</p>`
    : verdict?.passed === false
      ? html`<p><strong>You did not pass.</strong> Choose how to go on.</p>`
      : undefined;

function choice({ offered, form }: ProofingPart): Html {
  if (offered.length === 0) {
    return html`<p>No other attempt is left. Contact customer support.</p>`;
  }
  const has = (method: ProofingMethod) => offered.includes(method);
  return html`<p>Choose how your identity is proofed.</p>${
    has('questions')
      ? form(
          'questions',
          html`<h3>Instant Proofing</h3><p>Answer questions that only you can answer. You have ten
minutes; for people in the United States.</p><button>Begin the questions</button>`,
        )
      : ''
  }${
    has('video')
      ? form(
          'video',
          html`<h3>Live Video Proofing</h3><p>An agent meets you by video, at a time that you get
by mail.</p><button${has('questions') ? html` class="second"` : ''}>Request a session</button>`,
        )
      : ''
  }`;
}

/** They are asked once: whoever leaves the page begins others. */
const questionsForm = (questions: readonly Question[], { form }: ProofingPart): Html =>
  form(
    'answers',
    html`<p>Answer within ten minutes. Do not leave this page before.</p>${questions.map(
      ({ id, text, choices }) =>
        html`<fieldset class="question"><legend>${text}</legend>${choices.map(
          (each) => html`
<label class="choice"><input type="radio" name="answer.${id}" value="${each.id}" required>
${each.text}</label>`,
        )}</fieldset>`,
    )}<div class="row"><button>Submit</button></div>`,
  );
