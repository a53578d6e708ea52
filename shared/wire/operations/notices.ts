import * as notices from '../notices-schemas.ts';
import type { Operation } from './operation.ts';

/** Operations on mails to people, and on webhooks. */
export const NOTICES_OPERATIONS = {
  listNotices: {
    method: 'GET',
    path: '/v1/notices',
    summary: 'Mails to people, and what became of each',
    query: notices.noticesQuery,
    status: 200,
    reply: notices.noticePage,
  },
  getNotice: {
    method: 'GET',
    path: '/v1/notices/{id}',
    summary: 'One mail as its reader sees it, without its secrets',
    params: notices.noticePath,
    status: 200,
    reply: notices.noticeReply,
  },
  retryNotice: {
    method: 'POST',
    path: '/v1/notices/{id}/retry',
    summary: 'Send a mail again that has failed, or had no address',
    params: notices.noticePath,
    status: 200,
    reply: notices.noticeRetryReply,
  },
  listWebhooks: {
    method: 'GET',
    path: '/v1/webhooks',
    summary: 'Where events are delivered to, and how each endpoint does',
    status: 200,
    reply: notices.webhooksReply,
  },
  addWebhook: {
    method: 'POST',
    path: '/v1/webhooks',
    summary: 'Deliver events to an endpoint; the secret that signs them is shown this once',
    body: notices.webhookRequest,
    status: 201,
    reply: notices.webhookSecretReply,
  },
  rotateWebhook: {
    method: 'POST',
    path: '/v1/webhooks/{id}/rotate',
    summary: 'Sign with another secret, shown this once; the old one signs until the overlap ends',
    params: notices.webhookPath,
    body: notices.webhookRotateRequest,
    status: 200,
    reply: notices.webhookSecretReply,
  },
  enableWebhook: {
    method: 'POST',
    path: '/v1/webhooks/{id}/enable',
    summary: 'Deliver again to an endpoint that is disabled, from where it was',
    params: notices.webhookPath,
    status: 200,
    reply: notices.webhookReply,
  },
  removeWebhook: {
    method: 'POST',
    path: '/v1/webhooks/{id}/remove',
    summary: 'Deliver nothing to an endpoint any more',
    params: notices.webhookPath,
    status: 200,
    reply: notices.webhookReply,
  },
  listMails: {
    method: 'GET',
    path: '/lab/mail',
    summary: 'What a lab would have mailed, in order of time',
    query: notices.mailsQuery,
    status: 200,
    reply: notices.mailsReply,
  },
} as const satisfies Record<string, Operation>;
