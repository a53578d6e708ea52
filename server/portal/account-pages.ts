import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { Session } from '../sessions/port.ts';
import { type AccountView, elevateLink, tabs } from './account-links.ts';
import { moment } from './dates.ts';
import { FORM_FIELD } from './forms.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { hidden, signOutForm } from './sign-in-pages.ts';

/** "My Account": what somebody has signed in with, and where. */

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
<div class="row">${elevateLink(person, { isFirst })}${signOutForm(formToken, {
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

const sessionRow = (session: Session, isHere: boolean): Html => html`
<li><div class="head"><strong>${STRENGTH_NAMES[session.strength]}</strong>${
  isHere ? html`<span class="state good">This browser</span>` : ''
}</div>
<span class="quiet">Signed in on ${moment(session.authenticatedAt)}, last used
${moment(session.lastSeenAt)}</span></li>`;
