import { createHash } from 'node:crypto';
import { STRENGTH_NAMES } from '../../shared/wire/texts.ts';
import type { AccountRecord } from '../accounts/record.ts';
import type { Session } from '../sessions/port.ts';
import { type Html, html } from './html.ts';
import { STYLESHEET } from './stylesheet.ts';

/** What every page has: its head, the bar with who is signed in, and one main part. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Stands in the bar, the strength at its right end. */
  readonly person?: Person | undefined;
  /** One column for a form. Default true. */
  readonly narrow?: boolean;
  /** Something was refused: the title says so too, for who hears the page. */
  readonly failed?: boolean;
}

/** A part of a page, with its title. */
export const sheet = (id: string, title: string, inside: Html): Html =>
  html`<section class="sheet" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${inside}</section>
`;

export interface Person {
  readonly account: AccountRecord;
  readonly session: Session;
}

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E' +
  '%3Crect x=%221%22 y=%228%22 width=%2230%22 height=%2216%22 rx=%228%22 fill=%22%230b5cad%22/%3E' +
  '%3Crect x=%226%22 y=%2212%22 width=%2213%22 height=%228%22 rx=%221%22 fill=%22%23d7e6c8%22/%3E' +
  '%3Ccircle cx=%2225%22 cy=%2216%22 r=%223%22 fill=%22%23fff%22/%3E%3C/svg%3E';

/**
 * Nothing is loaded, nothing runs, nobody frames it. Forms go to this server alone; browsers hold
 * what follows a form to that too, and so the way on to other hosts is a page (`onwardPage`).
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src ${hashOf(STYLESHEET)}`,
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** A token, as small as a letter. */
const MARK = html`<svg viewBox="0 0 42 26" aria-hidden="true" focusable="false">
<rect x="1" y="1" width="40" height="24" rx="12" fill="none" stroke="currentColor"
 stroke-width="2"/>
<rect x="8" y="7.5" width="16" height="11" rx="1.5" fill="currentColor" opacity=".28"/>
<circle cx="32" cy="13" r="4" fill="currentColor"/></svg>`;

export function renderPage({ title, body, person, narrow = true, failed = false }: Page): string {
  const { markup } = html`<html lang="en">
<head>
<meta charset="utf-8">
<title>${failed ? 'Error: ' : ''}${title} – Fobtwin</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="${ICON}">
<style>${{ markup: STYLESHEET }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the page's main part</a>
<header class="bar">
<a class="brand" href="/account">${MARK}<span>Fobtwin</span></a>${person && personBar(person)}
</header>
<main id="main"${narrow ? html` class="narrow"` : ''} tabindex="-1">
${body}
</main>
</body>
</html>
`;
  return `<!doctype html>\n${markup}`;
}

const personBar = ({ account, session }: Person): Html => html`
<dl class="who">
<div><dt>User:</dt><dd>${nameOf(account)}</dd></div>${organisationOf(account)}
<div><dt>Credential Strength:</dt><dd>${STRENGTH_NAMES[session.strength]}</dd></div>
</dl>`;

export function nameOf({ id, name, legalName }: AccountRecord): string {
  const called = name ?? legalName;
  return called === undefined ? id : `${called} (${id})`;
}

const organisationOf = ({ organisation }: AccountRecord): Html | undefined =>
  organisation === undefined
    ? undefined
    : html`
<div><dt>Organization:</dt><dd>${organisation}</dd></div>`;

/** What was refused, or done: read out as it comes. */
export interface Note {
  readonly good?: boolean;
  readonly lines: readonly string[];
}

export const NOTE_ID = 'note';

/** What was done, as `done` of an address names it; anybody may have written that. */
export function doneNote(
  texts: ReadonlyMap<string, string>,
  done: string | null | undefined,
): Note | undefined {
  const line = texts.get(done ?? '');
  return line === undefined ? undefined : { good: true, lines: [line] };
}

/** For a field that `note` is about. */
export const markOf = (note: Note | undefined): Html | undefined =>
  note === undefined || note.good
    ? undefined
    : html` aria-invalid="true" aria-describedby="${NOTE_ID}"`;

export const noteOf = (note: Note | undefined): Html | undefined =>
  note &&
  html`<div class="note ${note.good ? 'good' : 'bad'}" id="${NOTE_ID}" role="${
    note.good ? 'status' : 'alert'
  }">${note.lines.map((line) => html`<p>${line}</p>`)}</div>
`;
