import { escapeHtml } from '../../../shared/html-text.ts';
import { withoutDirectionSigns } from '../../../shared/text-direction.ts';
import type { NoticeTemplate, ShownValues } from './catalogue.ts';
import * as credentials from './credential-mails.ts';
import * as helpdesk from './helpdesk-mails.ts';
import type { MailBody, Part, Template } from './mail-body.ts';
import * as orders from './order-mails.ts';
import * as security from './security-mails.ts';
import * as subscriptions from './subscription-mails.ts';

/** Every template there is: one without its mail does not compile. */
const TEMPLATES: { readonly [T in NoticeTemplate]: Template<T> } = {
  ...orders,
  ...subscriptions,
  ...credentials,
  ...security,
  ...helpdesk,
};

export interface RenderedMail {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * A mail as its reader sees it, in both forms.
 *
 * @param values with the secrets; one that is missing shows as `[not available]`: what was sent has
 * no secrets any more
 */
export function renderMail(
  template: NoticeTemplate,
  values: Readonly<Record<string, string>>,
): RenderedMail {
  const { subject, parts } = bodyOf(template, values);
  const said = ['Hello,', ...parts, FOOTER];
  return { subject: oneLine(subject), text: plainText(said), html: htmlPage(subject, said) };
}

const FOOTER = 'This mail was written by a program.';
const MISSING = '[not available]';

function bodyOf<T extends NoticeTemplate>(
  template: T,
  values: Readonly<Record<string, string>>,
): MailBody {
  const shown = new Proxy(values, {
    get: (known, name) => (typeof name === 'string' ? (known[name] ?? MISSING) : undefined),
  });
  return TEMPLATES[template](shown as ShownValues<T>);
}

/** What somebody put into a name cannot begin another header, nor turn what stands beside it. */
const oneLine = (text: string): string =>
  withoutDirectionSigns(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')).trim();

const TEXT_WIDTH = 72;

function plainText(parts: readonly Part[]): string {
  return `${parts.map(plainPart).filter(Boolean).join('\n\n')}\n`;
}

function plainPart(part: Part): string {
  if (typeof part === 'string') return wrapped(oneLine(part));
  if ('exact' in part) return `    ${oneLine(part.exact)}`;
  if ('lines' in part) return part.lines.map((line) => `  - ${oneLine(line)}`).join('\n');
  return factsOf(part.facts)
    .map(([name, value]) => `  ${name}: ${value}`)
    .join('\n');
}

/** Without those that have no value. */
const factsOf = (facts: readonly (readonly [string, string])[]) =>
  facts.map(([name, value]) => [name, oneLine(value)] as const).filter(([, value]) => value !== '');

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/**
 * No colours of its own but a line's, so that it is read in dark and in light; nothing is fetched.
 */
const htmlPage = (subject: string, parts: readonly Part[]): string =>
  `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(oneLine(subject))}</title>
</head>
<body style="${BODY_STYLE}">
${parts.map(htmlPart).filter(Boolean).join('\n')}
</body>
</html>
`;

const BODY_STYLE =
  'font-family: system-ui, sans-serif; font-size: 16px; line-height: 1.5; ' +
  'max-width: 38em; margin: 0 auto; padding: 1em';
const EXACT_STYLE =
  'font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 18px; ' +
  'letter-spacing: 0.05em; padding: 0.75em 1em; border: 1px solid #888888; ' +
  'white-space: pre-wrap; overflow-wrap: anywhere';
const TABLE_STYLE = 'border-collapse: collapse';
const NAME_STYLE = 'text-align: left; padding: 0 1em 0 0; font-weight: normal; opacity: 0.75';

function htmlPart(part: Part): string {
  if (typeof part === 'string') return `<p>${escapeHtml(oneLine(part))}</p>`;
  if ('exact' in part)
    return `<pre style="${EXACT_STYLE}">${escapeHtml(oneLine(part.exact))}</pre>`;
  if ('lines' in part) {
    const items = part.lines.map((line) => `<li>${escapeHtml(oneLine(line))}</li>`);
    return `<ul>${items.join('')}</ul>`;
  }
  const rows = factsOf(part.facts).map(
    ([name, value]) =>
      `<tr><th scope="row" style="${NAME_STYLE}">${escapeHtml(name)}</th>` +
      `<td style="padding: 0">${escapeHtml(value)}</td></tr>`,
  );
  return rows.length === 0 ? '' : `<table style="${TABLE_STYLE}">${rows.join('')}</table>`;
}
