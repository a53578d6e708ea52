import { parseTime } from '../../../shared/time.ts';
import type { NoticeTemplate, ShownValues } from './catalogue.ts';

/** What a mail says, before it is put into plain text and HTML. */

/** A sentence or several; a table of names and values; lines; or what is to be copied exactly. */
export type Part =
  | string
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly lines: readonly string[] }
  | { readonly exact: string };

export interface MailBody {
  readonly subject: string;
  readonly parts: readonly Part[];
}

export type Template<T extends NoticeTemplate> = (values: ShownValues<T>) => MailBody;

const LOCALE = 'en-GB';
const DAY = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', dateStyle: 'long' });
const TIME_OF_DAY = new Intl.DateTimeFormat(LOCALE, {
  timeZone: 'UTC',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** `14 March 2027` of a time in RFC 3339; any other text as it is. */
export function dayOf(text: string): string {
  const at = parseTime(text);
  return at === undefined ? text : DAY.format(at);
}

/** `14 March 2027 at 09:30 UTC` of a time in RFC 3339; any other text as it is. */
export function momentOf(text: string): string {
  const at = parseTime(text);
  return at === undefined ? text : `${DAY.format(at)} at ${TIME_OF_DAY.format(at)} UTC`;
}

export const SIGN_IN = 'sign in with your user ID and password';
export const MANAGE_OTP = 'choose My Account, then Manage OTP';
