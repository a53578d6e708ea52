import type Koa from 'koa';
import { FobtwinError } from '../../shared/errors.ts';
import { html } from '../portal/html.ts';
import type { Page } from '../portal/page.ts';
import { sendPage } from './pages.ts';

/**
 * The store, say, cannot answer now. To the library every error of ours is `server_error` and 500;
 * what passes by itself is said as such, so that whoever asked tries again. The library redirects
 * with errors of its own alone: a browser stays here, where it can be reloaded.
 */
export interface Outages {
  /** An error that the library has met in this request. */
  note(context: object, error: unknown): void;
  /** Says in the place of the library's answer what it could not know. */
  settle(context: Koa.Context): void;
}

const CODE = 'temporarily_unavailable';
const RETRY_SECONDS = 5;

export const isOutage = (error: unknown): error is FobtwinError =>
  error instanceof FobtwinError && error.code === 'unavailable';

export function createOutages(): Outages {
  const noted = new WeakMap<object, FobtwinError>();
  return {
    note(context, error) {
      if (isOutage(error)) noted.set(context, error);
    },
    settle(context) {
      const outage = noted.get(context);
      if (outage !== undefined) sendOutage(context, outage);
    },
  };
}

/** A page for a person, and JSON for a program. */
export function sendOutage(context: Koa.Context, { message, retryAfterSeconds }: FobtwinError) {
  context.set('Retry-After', String(retryAfterSeconds ?? RETRY_SECONDS));
  if (context.accepts('json', 'html') === 'html') {
    sendPage(context, outagePage(message), 503);
    return;
  }
  context.status = 503;
  context.body = { error: CODE, error_description: message };
}

const outagePage = (message: string): Page => ({
  title: 'Not now',
  failed: true,
  body: html`<div class="sheet">
<h1>This does not work just now</h1>
<p>${message}</p>
<p>Reload this page in a moment.</p>
<p class="quiet">If it happens again, tell whoever looks after fobd: <code>${CODE}</code></p>
</div>`,
});
