import { z } from 'zod';
import {
  accountField,
  body,
  cursorField,
  limitField,
  lineField,
  page,
  spanField,
  timeField,
} from './fields.ts';

/** Mails to people, and webhooks. */

export const NOTICE_STATES = ['queued', 'sent', 'captured', 'failed', 'undeliverable'] as const;

export const noticePath = body({
  id: lineField(200).meta({
    description: "A notice's id, as the list shows it",
    example: 'SO-10001-1-1:expiryReminder:30',
  }),
});

export const noticesQuery = body({
  account: accountField.optional(),
  state: z.enum(NOTICE_STATES, { error: 'notAllowed' }).optional(),
  cursor: cursorField.optional(),
  limit: limitField,
});

/** Never the secrets of one: a licence key, a code. */
export const noticeView = z.object({
  id: z.string(),
  template: z.string(),
  to: z.array(z.string()),
  account: z.string().optional(),
  at: timeField,
  state: z.enum(NOTICE_STATES),
  attempts: z.int(),
  /** When it was put into the queue again. */
  queuedAt: timeField.optional(),
  nextAttemptAt: timeField.optional(),
  sentAt: timeField.optional(),
  /** Of the last attempt: a code, and what the mail server answered as a number. */
  failure: z.string().optional(),
});
export const noticePage = page(noticeView);
export const noticeRetryReply = z.object({ notice: noticeView });
/** As its reader sees it, but for its secrets. */
export const noticeReply = z.object({
  notice: noticeView,
  messageId: z.string(),
  subject: z.string(),
  text: z.string(),
});

export const mailsQuery = body({ cursor: cursorField.optional(), limit: limitField });
/** What a lab would have sent, its secrets shown. */
export const capturedMailView = z.object({
  id: z.string(),
  messageId: z.string(),
  template: z.string(),
  to: z.array(z.string()),
  account: z.string().optional(),
  at: timeField,
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});
export const mailsReply = page(capturedMailView);

export const webhookPath = body({
  id: z
    .string({ error: 'wrongType' })
    .regex(/^[0-9a-f]{16}$/, 'badFormat')
    .meta({ description: '16 hexadecimal digits', example: '0123456789abcdef' }),
});

export const webhookRequest = body({
  url: z
    .string({ error: 'wrongType' })
    .max(2048, 'tooLong')
    .meta({ description: 'https, or this machine', example: 'https://example.com/hooks/fobd' }),
  /** Actions of the audit log; all unless given. */
  events: z
    .array(z.string({ error: 'wrongType' }).regex(/^[a-z][A-Za-z]{0,63}$/, 'badFormat'), {
      error: 'wrongType',
    })
    .min(1, 'required')
    .max(100, 'tooMany')
    .optional(),
  /** It may be reached at a private address; false unless given. */
  allowPrivate: z.boolean({ error: 'wrongType' }).optional(),
});

export const webhookRotateRequest = body({
  /** How long the old secret signs as well; a day unless given, at most 30. */
  overlap: spanField.optional(),
});

/** Never its secret. */
export const webhookView = z.object({
  id: z.string(),
  url: z.string(),
  /** Absent: all. */
  events: z.array(z.string()).optional(),
  allowPrivate: z.boolean(),
  createdAt: timeField,
  /** When the secret before the newest signs no more. */
  oldSecretUntil: timeField.optional(),
  disabledAt: timeField.optional(),
  /** `failing`: for three days; `gone`: it answered 410. */
  disabledBecause: z.enum(['failing', 'gone']).optional(),
  waiting: z.int(),
  delivered: z.int(),
  /** Events that it will never get. */
  lost: z.int(),
  /** Of these: removed from the log by retention before they were read. */
  lostToRetention: z.int().optional(),
  lastDeliveredAt: timeField.optional(),
  failingSince: timeField.optional(),
  lastFailure: z.string().optional(),
});
export const webhooksReply = z.object({ webhooks: z.array(webhookView) });
export const webhookReply = z.object({ webhook: webhookView });
/** The secret is shown this once; it is kept encrypted. */
export const webhookSecretReply = z.object({ webhook: webhookView, secret: z.string() });
