import type { UnixMillis } from '../../shared/types.ts';
import { type Html, html } from './html.ts';

/** Times as people read them, in UTC: the server does not know where its reader is. */

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `1 Jan 2026` */
function dayText(at: UnixMillis): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

export const day = (at: UnixMillis): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${dayText(at)}</time>`;

/** `1 Jan 2026, 00:00 UTC` */
export function moment(at: UnixMillis): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${dayText(at)}, ${iso.slice(11, 16)} UTC</time>`;
}
