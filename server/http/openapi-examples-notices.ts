import type { ErrorCode } from '../../shared/errors.ts';
import type { OperationId, ReplyOf } from '../../shared/wire/operations.ts';

/** Examples of the operations on mails and webhooks, and what can be refused. */

const notice = {
  id: 'SO-10001-1-1:expiryReminder:30',
  template: 'expiryReminder',
  to: ['jennifer@example.com'],
  account: 'jennifer',
  at: '2026-12-02T00:00:00.000Z',
  state: 'failed',
  attempts: 1,
  failure: 'EENVELOPE 550',
} satisfies ReplyOf<'retryNotice'>['notice'];

const subject = 'Your subscription ends on 1 January 2027, in 30 days';
const messageId = '<7d1ad0f4c4c0b8e2f3a9d6b5c8e7f6a5d4c3b2a1@0123456789abcdef.fobd>';
const text = 'Hello,\n\nYour subscription OTP Token (1 Year) without Proofing ends on …\n';

const webhook = {
  id: '0123456789abcdef',
  url: 'https://example.com/hooks/fobd',
  events: ['revoke', 'lost'],
  allowPrivate: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  waiting: 0,
  delivered: 12,
  lost: 0,
  lastDeliveredAt: '2026-06-01T00:00:00.000Z',
} satisfies ReplyOf<'removeWebhook'>['webhook'];

const secret = 'whsec_SHOWN-ONCE';

export const NOTICES_EXAMPLES = {
  listNotices: { reply: { items: [notice], nextCursor: null } },
  getNotice: { reply: { notice, messageId, subject, text } },
  retryNotice: { reply: { notice: { ...notice, state: 'queued' as const, attempts: 0 } } },
  listWebhooks: { reply: { webhooks: [webhook] } },
  addWebhook: {
    body: { url: 'https://example.com/hooks/fobd', events: ['revoke', 'lost'] },
    reply: { webhook: { ...webhook, delivered: 0, lastDeliveredAt: undefined }, secret },
  },
  rotateWebhook: {
    body: { overlap: '1d' },
    reply: { webhook: { ...webhook, oldSecretUntil: '2026-06-02T00:00:00.000Z' }, secret },
  },
  enableWebhook: { reply: { webhook } },
  removeWebhook: { reply: { webhook } },
  listMails: {
    reply: {
      items: [
        {
          id: notice.id,
          messageId,
          template: notice.template,
          to: notice.to,
          account: notice.account,
          at: notice.at,
          subject,
          text,
          html: '<!DOCTYPE html>…',
        },
      ],
      nextCursor: null,
    },
  },
};

export const NOTICES_PROBLEMS = {
  getNotice: ['notFound'],
  retryNotice: ['notFound', 'notAllowedNow'],
  addWebhook: ['notAllowedNow'],
  rotateWebhook: ['notFound'],
  enableWebhook: ['notFound', 'notAllowedNow'],
  removeWebhook: ['notFound'],
} satisfies Partial<Record<OperationId, readonly ErrorCode[]>>;
