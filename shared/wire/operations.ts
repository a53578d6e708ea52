import type { z } from 'zod';
import { ACCOUNTS_OPERATIONS } from './operations/accounts.ts';
import { APPLICATIONS_OPERATIONS } from './operations/applications.ts';
import { AUDIT_OPERATIONS } from './operations/audit.ts';
import { BACKUPS_OPERATIONS } from './operations/backups.ts';
import { CREDENTIALS_OPERATIONS } from './operations/credentials.ts';
import { EXPLANATIONS_OPERATIONS } from './operations/explanations.ts';
import { HEALTH_OPERATIONS } from './operations/health.ts';
import { HELPDESK_OPERATIONS } from './operations/helpdesk.ts';
import { KEYS_OPERATIONS } from './operations/keys.ts';
import { LAB_OPERATIONS } from './operations/lab.ts';
import { MOBILE_IDS_OPERATIONS } from './operations/mobile-ids.ts';
import { NOTICES_OPERATIONS } from './operations/notices.ts';
import { OIDC_OPERATIONS } from './operations/oidc.ts';
import { ORDERS_OPERATIONS } from './operations/orders.ts';
import { PHONES_OPERATIONS } from './operations/phones.ts';
import { PROOFING_OPERATIONS } from './operations/proofing.ts';
import { SEED_FILES_OPERATIONS } from './operations/seed-files.ts';
import { SESSIONS_OPERATIONS } from './operations/sessions.ts';
import { TOKENS_OPERATIONS } from './operations/tokens.ts';

export type { Operation } from './operations/operation.ts';

/**
 * Every operation of the HTTP interface: one row each, in a file a room. The server routes by it,
 * the OpenAPI document is written from it, and the client is typed by it.
 */
export const OPERATIONS = {
  ...HEALTH_OPERATIONS,
  ...TOKENS_OPERATIONS,
  ...SEED_FILES_OPERATIONS,
  ...ACCOUNTS_OPERATIONS,
  ...SESSIONS_OPERATIONS,
  ...CREDENTIALS_OPERATIONS,
  ...MOBILE_IDS_OPERATIONS,
  ...HELPDESK_OPERATIONS,
  ...PHONES_OPERATIONS,
  ...APPLICATIONS_OPERATIONS,
  ...OIDC_OPERATIONS,
  ...ORDERS_OPERATIONS,
  ...NOTICES_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...BACKUPS_OPERATIONS,
  ...EXPLANATIONS_OPERATIONS,
  ...PROOFING_OPERATIONS,
  ...KEYS_OPERATIONS,
  ...LAB_OPERATIONS,
} as const;

export type OperationId = keyof typeof OPERATIONS;
type Row<Id extends OperationId> = (typeof OPERATIONS)[Id];
type Input<Id extends OperationId, Part extends string> =
  Row<Id> extends Record<Part, infer Schema extends z.ZodType> ? z.input<Schema> : undefined;
type Parsed<Id extends OperationId, Part extends string> =
  Row<Id> extends Record<Part, infer Schema extends z.ZodType> ? z.output<Schema> : undefined;

/** What a caller sends. */
export type ParamsOf<Id extends OperationId> = Input<Id, 'params'>;
export type QueryOf<Id extends OperationId> = Input<Id, 'query'>;
export type BodyOf<Id extends OperationId> = Input<Id, 'body'>;
/** What the server works with, normalised. */
export type ParsedParamsOf<Id extends OperationId> = Parsed<Id, 'params'>;
export type ParsedQueryOf<Id extends OperationId> = Parsed<Id, 'query'>;
export type ParsedBodyOf<Id extends OperationId> = Parsed<Id, 'body'>;
/** The reply's JSON; `never` for one that is a stream. */
export type ReplyOf<Id extends OperationId> =
  Row<Id> extends Record<'reply', infer Schema extends z.ZodType> ? z.output<Schema> : never;
/** Operations whose reply is a stream. */
export type StreamingId = {
  [Id in OperationId]: Row<Id> extends Record<'streamedReply', string | readonly string[]>
    ? Id
    : never;
}[OperationId];
