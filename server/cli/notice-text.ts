import type { ReplyOf } from '../../shared/wire/operations.ts';
import { moreText } from './token-text.ts';

/** Mails one after the other, each as its reader sees its plain text. */
export function mailsText({ items, nextCursor }: ReplyOf<'listMails'>): string {
  if (items.length === 0) return 'No mails.';
  const mails = items.map(
    ({ at, to, subject, text }) =>
      `${at}\nTo: ${to.join(', ')}\nSubject: ${subject}\n\n${text.trimEnd()}\n`,
  );
  return mails.join(`\n${'-'.repeat(72)}\n\n`) + moreText(nextCursor);
}
