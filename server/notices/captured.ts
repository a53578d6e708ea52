import type { Clock } from '../../shared/clock.ts';
import type { UnixMillis } from '../../shared/types.ts';
import type { Store } from '../store/port.ts';
import { messageIdOf } from './message-id.ts';
import type { NoticeService, NoticeView } from './port.ts';
import { monthOf, NOTICES, type NoticeRecord } from './record.ts';
import { openSecrets } from './secrets.ts';
import { renderMail } from './templates/render.ts';

export interface CapturedParts {
  readonly store: Pick<Store, 'scan' | 'auditLog'>;
  readonly key: Uint8Array;
  readonly clock: Clock;
}

/** Where a page ends: a moment and, of what was written at it, an id. */
interface Place {
  readonly at: UnixMillis;
  readonly id: string;
}

const PAGE = 500;
const FIRST_MONTH = '1970-01';
const MONTHS_A_YEAR = 12;

/** A lab's mails in order of time, a month of them looked through at a time. */
export async function capturedMails(
  { after, limit }: Parameters<NoticeService['captured']>[0],
  parts: CapturedParts,
): ReturnType<NoticeService['captured']> {
  const place = after === undefined ? undefined : parsePlace(after);
  const last = monthOf(parts.clock.now());
  const found: NoticeRecord[] = [];
  let month = place === undefined ? FIRST_MONTH : monthOf(place.at);
  // One more than is shown tells whether there is another page.
  for (; month <= last && found.length <= limit; month = monthAfter(month)) {
    found.push(...(await firstOf(month, place, limit + 1 - found.length, parts)));
  }
  const shown = found.slice(0, limit);
  const end = shown.at(-1);
  const { writer } = (await parts.store.auditLog.bounds()).head;
  return {
    items: shown.map((notice) => viewOf(notice, writer, parts)),
    next: found.length > limit && end !== undefined ? formatPlace(end) : null,
  };
}

/** The first so many of a month behind `place`; no more than twice as many are held. */
async function firstOf(
  month: string,
  place: Place | undefined,
  count: number,
  { store }: CapturedParts,
): Promise<readonly NoticeRecord[]> {
  let kept: NoticeRecord[] = [];
  let after: string | undefined;
  do {
    const range = { index: 'captured', value: month, limit: PAGE };
    const page = await store.scan(NOTICES, after === undefined ? range : { ...range, after });
    kept.push(...page.items.filter((notice) => place === undefined || byTime(notice, place) > 0));
    if (kept.length > 2 * (count + PAGE)) kept = kept.sort(byTime).slice(0, count);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return kept.sort(byTime).slice(0, count);
}

const byTime = (a: Place, b: Place): number => a.at - b.at || (a.id < b.id ? -1 : +(a.id > b.id));

function monthAfter(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const following = number === MONTHS_A_YEAR ? [year + 1, 1] : [year, number + 1];
  return following.map((part) => String(part).padStart(2, '0')).join('-');
}

const formatPlace = ({ at, id }: Place): string => `${at}/${id}`;

/** A text that no page ended with begins at the beginning. */
function parsePlace(text: string): Place | undefined {
  const [, at = '', id = ''] = /^(\d{1,15})\/(.*)$/s.exec(text) ?? [];
  return at === '' ? undefined : { at: Number(at) as UnixMillis, id };
}

function viewOf(notice: NoticeRecord, writer: string, { key }: CapturedParts): NoticeView {
  const { id, template, values, sealed } = notice;
  const secrets = sealed === undefined ? {} : (openSecrets(key, sealed, id) ?? {});
  const mail = renderMail(template, { ...values, ...secrets });
  return { notice, messageId: messageIdOf(notice, writer), ...mail };
}
