import { formatTime } from '../../../shared/time.ts';
import type { UnixMillis } from '../../../shared/types.ts';
import type { ReplyOf } from '../../../shared/wire/operations.ts';
import type { NoticeService, NoticeView } from '../../notices/port.ts';
import type { NoticeRecord } from '../../notices/record.ts';
import type { WebhookDetail, WebhookService } from '../../notices/webhooks/port.ts';
import { formatCursor, parseCursor } from '../cursor.ts';
import { spanMillis, timeOrNone } from '../moment.ts';
import type { Handlers } from './handler.ts';

type NoticeIds = 'listNotices' | 'getNotice' | 'retryNotice' | 'listMails';
type WebhookIds =
  | 'listWebhooks'
  | 'addWebhook'
  | 'rotateWebhook'
  | 'enableWebhook'
  | 'removeWebhook';

export function noticeHandlers({
  notices,
}: {
  readonly notices: NoticeService;
}): Handlers<NoticeIds> {
  return {
    async listNotices({ query: { cursor, ...query } }) {
      const page = await notices.list({ ...query, after: parseCursor(cursor) });
      return { items: page.items.map(viewNotice), nextCursor: formatCursor(page.next) };
    },
    async getNotice({ params }) {
      const { notice, messageId, subject, text } = await notices.get(params.id);
      return { notice: viewNotice(notice), messageId, subject, text };
    },
    async retryNotice({ params, caller }) {
      return { notice: viewNotice(await notices.retry(params.id, caller)) };
    },
    async listMails({ query: { cursor, limit } }) {
      const page = await notices.captured({ after: parseCursor(cursor), limit });
      return { items: page.items.map(viewMail), nextCursor: formatCursor(page.next) };
    },
  };
}

export function webhookHandlers({
  webhooks,
}: {
  readonly webhooks: WebhookService;
}): Handlers<WebhookIds> {
  return {
    async listWebhooks({ caller: { now } }) {
      return { webhooks: (await webhooks.list()).map((detail) => viewWebhook(detail, now)) };
    },
    async addWebhook({ body: { allowPrivate, ...wanted }, caller }) {
      const added = await webhooks.add({ ...wanted, allowsPrivate: allowPrivate }, caller);
      return { webhook: viewWebhook(added, caller.now), secret: added.secret };
    },
    async rotateWebhook({ params, body, caller }) {
      const overlapMillis = spanMillis(body.overlap, '/overlap');
      const rotated = await webhooks.rotate(params.id, { overlapMillis }, caller);
      return { webhook: viewWebhook(rotated, caller.now), secret: rotated.secret };
    },
    async enableWebhook({ params, caller }) {
      return { webhook: viewWebhook(await webhooks.enable(params.id, caller), caller.now) };
    },
    async removeWebhook({ params, caller }) {
      return { webhook: viewWebhook(await webhooks.remove(params.id, caller), caller.now) };
    },
  };
}

const viewNotice = (notice: NoticeRecord): ReplyOf<'retryNotice'>['notice'] => ({
  id: notice.id,
  template: notice.template,
  to: [...notice.to],
  account: notice.account,
  at: formatTime(notice.at),
  state: notice.state,
  attempts: notice.attempts,
  queuedAt: timeOrNone(notice.queuedAt),
  nextAttemptAt: timeOrNone(notice.nextAttemptAt),
  sentAt: timeOrNone(notice.sentAt),
  failure: notice.failure,
});

const viewMail = ({ notice, ...mail }: NoticeView): ReplyOf<'listMails'>['items'][number] => ({
  id: notice.id,
  template: notice.template,
  to: [...notice.to],
  account: notice.account,
  at: formatTime(notice.at),
  ...mail,
});

function viewWebhook(
  { webhook, state }: WebhookDetail,
  now: UnixMillis,
): ReplyOf<'enableWebhook'>['webhook'] {
  const old = webhook.secrets.find(({ until }) => until !== undefined && now < until);
  return {
    id: webhook.id,
    url: webhook.url,
    events: webhook.events && [...webhook.events],
    allowPrivate: webhook.allowsPrivate === true,
    createdAt: formatTime(webhook.createdAt),
    oldSecretUntil: timeOrNone(old?.until),
    disabledAt: timeOrNone(webhook.disabledAt),
    disabledBecause: webhook.disabledBecause,
    waiting: state.waiting,
    delivered: state.delivered,
    lost: state.lost,
    lostToRetention: state.lostToRetention,
    lastDeliveredAt: timeOrNone(state.lastDeliveredAt),
    failingSince: timeOrNone(state.failingSince),
    lastFailure: state.lastFailure,
  };
}
