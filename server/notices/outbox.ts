import type { Clock } from '../../shared/clock.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { draftOf } from '../access/draft.ts';
import { SYSTEM } from '../access/scopes.ts';
import type { AuditDraft } from '../audit/entry.ts';
import { type Decision, put, replyOnly, type Store } from '../store/port.ts';
import { isDueAt, waitMillisAfter } from './backoff.ts';
import { CLASS_OF } from './classes.ts';
import type { Deliveries } from './delivery-queue.ts';
import type { Delivery, MailServer } from './mail-server.ts';
import { messageIdOf } from './message-id.ts';
import type { NoticeObserver } from './observer.ts';
import { NOTICES, type NoticeRecord, type NoticeState, noticeKey } from './record.ts';
import { openSecrets } from './secrets.ts';
import { renderMail } from './templates/render.ts';

export interface OutboxParts {
  readonly store: Pick<Store, 'transact' | 'scan' | 'auditLog'>;
  /** What secrets are sealed with. */
  readonly key: Uint8Array;
  readonly server: Pick<MailServer, 'send'>;
  /** At the same time. */
  readonly connections: number;
  readonly clock: Clock;
  /** Once this is so, a failure says nothing of the mail: it was cut off. */
  readonly isStopping: () => boolean;
  readonly observe: Pick<NoticeObserver, 'mail'>;
}

/** Read together while the queue is looked through. */
const PAGE = 200;

/**
 * The mails that wait. A mail is recorded as sent after the server has taken it: only a crash
 * between the two makes a second copy, and that has the same Message-ID.
 */
export function createOutbox(parts: OutboxParts): Deliveries {
  const { store, clock, connections } = parts;
  return {
    name: 'mail',
    concurrency: connections,
    async due(after) {
      const range = { index: 'state', value: 'queued', limit: PAGE };
      const page = await store.scan(NOTICES, after === undefined ? range : { ...range, after });
      const now = clock.now();
      const ids = page.items.filter((notice) => isDue(notice, now)).map(({ id }) => id);
      return { ids, next: page.next };
    },
    async attempt(id) {
      const notice = await store.transact([noticeKey(id)], ([record]) => replyOnly(record));
      if (notice === undefined || !isDue(notice, clock.now())) return;
      const deliveries = await sendToAll(notice, parts);
      const isCutOff = parts.isStopping() && deliveries.every(({ result }) => result !== 'taken');
      if (!isCutOff) await record(notice, deliveries, parts);
    },
  };
}

const isDue = ({ state, nextAttemptAt, at }: NoticeRecord, now: UnixMillis): boolean =>
  state === 'queued' && isDueAt(nextAttemptAt ?? at, now);

type Tried = Delivery & { readonly to: string };

/** To each address that has had no last word. */
async function sendToAll(
  notice: NoticeRecord,
  { store, key, server }: OutboxParts,
): Promise<readonly Tried[]> {
  const { id, template, values, sealed, at, taken = [], refused = [] } = notice;
  const left = notice.to.filter((to) => !taken.includes(to) && !refused.includes(to));
  const secrets = sealed === undefined ? {} : openSecrets(key, sealed, id);
  if (secrets === undefined) {
    return left.map((to) => ({ to, result: 'refused', failure: 'its secrets cannot be opened' }));
  }
  const mail = renderMail(template, { ...values, ...secrets });
  const messageId = messageIdOf(notice, (await store.auditLog.bounds()).head.writer);
  const tried: Tried[] = [];
  for (const to of left) tried.push({ to, ...(await server.send({ ...mail, to, messageId, at })) });
  return tried;
}

async function record(
  { id, template }: NoticeRecord,
  tried: readonly Tried[],
  { store, clock, observe }: OutboxParts,
): Promise<void> {
  const key = noticeKey(id);
  const now = clock.now();
  const state = await store.transact([key], ([notice]): Decision<NoticeState> => {
    if (notice?.state !== 'queued') return replyOnly('queued');
    const after = afterAttempt(notice, tried, now);
    return {
      writes: [put(key, after)],
      auditDrafts: after.state === 'queued' ? [] : [endOf(after, now)],
      reply: after.state,
    };
  });
  if (state !== 'queued') observe.mail(CLASS_OF[template], state);
}

/** The notice once it was tried: sent when one address has taken it and none is left. */
export function afterAttempt(
  notice: NoticeRecord,
  tried: readonly Tried[],
  now: UnixMillis,
): NoticeRecord {
  const { nextAttemptAt: _next, failure: _failure, ...rest } = notice;
  const those = (result: Delivery['result']) =>
    tried.filter((each) => each.result === result).map(({ to }) => to);
  const taken = [...(notice.taken ?? []), ...those('taken')];
  const refused = [...(notice.refused ?? []), ...those('refused')];
  const attempts = notice.attempts + 1;
  const [failure] = tried.flatMap((each) => (each.result === 'taken' ? [] : [each.failure]));
  const after = {
    ...rest,
    attempts,
    ...(notice.to.length === 1 || taken.length === 0 ? {} : { taken }),
    ...(notice.to.length === 1 || refused.length === 0 ? {} : { refused }),
    ...(failure === undefined ? {} : { failure }),
  };
  const wait = those('failed').length === 0 ? undefined : waitMillisAfter(attempts);
  if (wait !== undefined) {
    return { ...after, state: 'queued', nextAttemptAt: (now + wait) as UnixMillis };
  }
  if (taken.length === 0) return { ...after, state: 'failed' };
  const { sealed: _sealed, ...open } = after;
  return { ...open, state: 'sent', sentAt: now };
}

/** What the audit log is told of every mail in the end. */
function endOf(notice: NoticeRecord, now: UnixMillis): AuditDraft {
  const { id, template, state, attempts, account, failure } = notice;
  const details = { notice: id, template, result: state, attempts };
  return draftOf({ principal: SYSTEM, now }, 'sendNotice', {
    ...(account === undefined ? {} : { account }),
    details: failure === undefined ? details : { ...details, failure },
  });
}
