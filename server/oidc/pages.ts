import type Koa from 'koa';
import { type Html, html } from '../portal/html.ts';
import { PAGE_HEADERS, type Page, renderPage } from '../portal/page.ts';

/** The pages of the provider's own: a refusal, and those of signing out. */

export function sendPage(context: Koa.Context, page: Page, status: number): void {
  context.status = status;
  context.set(PAGE_HEADERS);
  context.body = renderPage(page);
}

/** What was wrong with a request that cannot be sent back to its application. */
export interface Refusal {
  /** As OAuth calls it: `invalid_request`, … */
  readonly code: string;
  readonly description: string;
}

export const refusalPage = ({ code, description }: Refusal): Page => ({
  title: 'Sign-in is not possible',
  failed: true,
  body: html`<div class="sheet">
<h1>Sign-in is not possible</h1>
<p>The application that sent you here asked for something that cannot be done.</p>
<p>${sentence(description)}</p>
<p class="quiet">Go back to the application and begin again. If it happens again, tell whoever looks
after it: <code>${code}</code></p>
</div>`,
});

/** @param form made by the provider: its fields, without a button */
export const signOutPage = (form: Html, client: string | undefined): Page => ({
  title: 'Sign out',
  body: html`<div class="sheet">
<h1>Sign out</h1>
<p>${
    client === undefined
      ? 'An application asks whether you want to sign out.'
      : html`<strong>${client}</strong> asks whether you want to sign out.`
  }</p>
<p>Your session in this browser ends, and with it your access to what asked you to sign in here.</p>
${form}
<div class="row">
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button type="submit" form="op.logoutForm" class="second">Stay signed in</button>
</div>
</div>`,
});

export const signedOutPage: Page = {
  title: 'Done',
  body: html`<div class="sheet">
<h1>That is all</h1>
<p>You can close this page.</p>
</div>`,
};

/** Browsers let a form lead to this server only, redirects included: a page leads further. */
export const leavingPage = (address: string): Page => ({
  title: 'Back to the application',
  body: html`<div class="sheet">
<h1>Back to the application</h1>
<p>The page that you came from opens by itself.</p>
<p><a class="button" href="${address}">Continue</a></p>
</div>`,
});

const sentence = (text: string): string => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
};
