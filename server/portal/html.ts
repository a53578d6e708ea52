import { escapeHtml } from '../../shared/html-text.ts';
import { withoutDirectionSigns } from '../../shared/text-direction.ts';

/** Markup that is safe to send: what was put into it has been escaped. */
export interface Html {
  readonly markup: string;
}

/**
 * Text is escaped, and turns nothing beside it; markup stays, a list is one after the other,
 * `undefined` is nothing.
 */
export type Part = Html | string | number | undefined | readonly Part[];

/** The one way to markup: `` html`<p>${text}</p>` ``. Attributes need their quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const pieces = strings.map((string, index) => string + markupOf(parts[index]));
  return { markup: pieces.join('') };
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escapeHtml(withoutDirectionSigns(part));
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
}
