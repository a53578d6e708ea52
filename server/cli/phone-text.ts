import type { ReplyOf } from '../../shared/wire/operations.ts';
import { formatTable } from './table.ts';
import { moreText } from './token-text.ts';

type PhonesReply = ReplyOf<'listPhones'>;

export function phonesText({ phones, recommendation }: PhonesReply): string {
  const rows = phones.map(({ id, number, country, kind, verifiedAt }) => [
    id,
    number,
    country,
    kind,
    verifiedAt ?? 'not yet',
  ]);
  const headings = ['PHONE', 'NUMBER', 'COUNTRY', 'KIND', 'PROVED'];
  return formatTable(headings, rows, 'No phones.') + adviceText(recommendation);
}

export const adviceText = (recommendation: PhonesReply['recommendation']): string =>
  recommendation === undefined ? '' : '\nTwo numbers are recommended: add a second one.';

export const sentText = ({ purpose, expiresAt }: ReplyOf<'sendPhoneCode'>['sent']): string =>
  purpose === 'signIn'
    ? `A code to sign in with is on its way; it is valid until ${expiresAt}.`
    : `A code that proves the number is on its way; it is valid until ${expiresAt}.`;

export function textsText({ items, nextCursor }: ReplyOf<'listTexts'>): string {
  const rows = items.map(({ at, to, kind, text }) => [at, to, kind, text]);
  return formatTable(['AT', 'TO', 'KIND', 'TEXT'], rows, 'No texts.') + moreText(nextCursor);
}
