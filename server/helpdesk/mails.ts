import { formatTime } from '../../shared/time.ts';
import type { AccountId, UnixMillis } from '../../shared/types.ts';
import { type AccountRecord, EARLIER_EMAILS_MAX } from '../accounts/record.ts';
import type { NoticeDraft, NoticeWriter } from '../notices/port.ts';
import { type NoticeRecord, noticeKey } from '../notices/record.ts';
import type { Key, Write } from '../store/port.ts';
import type { HelpdeskAction } from './record.ts';

/**
 * The notice that something was done goes to every address that the account has had, each in a
 * mail of its own: whoever has talked his way in may have changed the present one.
 */

const ADDRESSES_MAX = 1 + EARLIER_EMAILS_MAX;

const noticeId = (check: string, place: number): string => `${check}:helpdeskDone:${place + 1}`;

/** The keys of as many mails as there may be. */
export const doneMailKeys = (check: string): readonly Key<NoticeRecord>[] =>
  Array.from({ length: ADDRESSES_MAX }, (_, place) => noticeKey(noticeId(check, place)));

export interface Done {
  readonly check: string;
  readonly account: AccountId;
  readonly action: HelpdeskAction;
  readonly reason: string;
  readonly at: UnixMillis;
}

/** @param present the records of `doneMailKeys` */
export function doneMails(
  { check, account, action, reason, at }: Done,
  to: AccountRecord | undefined,
  present: readonly (NoticeRecord | undefined)[],
  writer: NoticeWriter,
): Write[] {
  const values = { action, reason, at: formatTime(at) };
  return everyAddress(to).flatMap((address, place) => {
    const id = noticeId(check, place);
    const draft: NoticeDraft = { id, template: 'helpdeskDone', to: [address], account, at, values };
    return writer.write(draft, present[place]);
  });
}

/** Each once, the present one first. */
function everyAddress(account: AccountRecord | undefined): readonly string[] {
  const { email, earlierEmails = [] } = account ?? {};
  const earlier = earlierEmails.map((each) => each.email);
  return [...new Set(email === undefined ? earlier : [email, ...earlier])];
}
