import type { z } from 'zod';
import * as schemas from './schemas.ts';

/**
 * Every operation of the HTTP interface: one row each. The server routes by it, the OpenAPI
 * document is written from it, and the client is typed by it.
 */

export interface Operation {
  readonly method: 'GET' | 'POST';
  /** Parameters as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Media types taken instead of JSON: the body is then a stream. */
  readonly streamed?: readonly string[];
  /** 201 for what makes a record, else 200. */
  readonly status: 200 | 201;
  readonly reply: z.ZodType;
}

const lifeVerb = <Verb extends string>(verb: Verb, summary: string) =>
  ({
    method: 'POST',
    path: `/v1/tokens/{serial}/${verb}`,
    summary,
    params: schemas.serialPath,
    body: schemas.lifeVerbRequest,
    status: 200,
    reply: schemas.tokenReply,
  }) as const;

export const OPERATIONS = {
  healthz: {
    method: 'GET',
    path: '/healthz',
    summary: 'Is the process alive',
    status: 200,
    reply: schemas.health,
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    summary: 'Can it take requests now',
    status: 200,
    reply: schemas.health,
  },
  verify: {
    method: 'POST',
    path: '/v1/verify',
    summary: 'Is this code good, once, for this token or account',
    body: schemas.verifyRequest,
    status: 200,
    reply: schemas.verifyReply,
  },
  importSeedFile: {
    method: 'POST',
    path: '/v1/seed-files',
    summary: 'Import tokens as stocked: all of the file or nothing',
    query: schemas.seedFileQuery,
    streamed: ['application/pskc+xml', 'text/csv'],
    status: 200,
    reply: schemas.seedFileReply,
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    summary: 'Tokens by life, hold or account',
    query: schemas.tokenListQuery,
    status: 200,
    reply: schemas.tokenPage,
  },
  getToken: {
    method: 'GET',
    path: '/v1/tokens/{serial}',
    summary: 'One token, never its seed',
    params: schemas.serialPath,
    status: 200,
    reply: schemas.tokenReply,
  },
  registerToken: {
    method: 'POST',
    path: '/v1/tokens/{serial}/registration',
    summary: 'Bind a token to an account by two consecutive codes',
    params: schemas.serialPath,
    body: schemas.registrationRequest,
    status: 200,
    reply: schemas.twoCodesReply,
  },
  resyncToken: {
    method: 'POST',
    path: '/v1/tokens/{serial}/resync',
    summary: "Find a token's counter or drift again by two consecutive codes; lifts `locked`",
    params: schemas.serialPath,
    body: schemas.resyncRequest,
    status: 200,
    reply: schemas.twoCodesReply,
  },
  unlockToken: lifeVerb('unlock', 'Lift `locked`, and `adminLocked` with scope tokens:admin'),
  lockToken: lifeVerb('lock', 'Set `adminLocked`'),
  enableToken: lifeVerb('enable', 'Lift `disabled`'),
  suspendToken: lifeVerb('suspend', 'Set `suspended`'),
  resumeToken: lifeVerb('resume', 'Lift `suspended`'),
  loseToken: lifeVerb('lost', 'Set `lost`'),
  findToken: lifeVerb('found', 'Lift `lost`'),
  revokeToken: lifeVerb('revoke', 'End the token for good'),
  listAccounts: {
    method: 'GET',
    path: '/v1/accounts',
    summary: 'Accounts',
    query: schemas.pageQuery,
    status: 200,
    reply: schemas.accountPage,
  },
  addAccount: {
    method: 'POST',
    path: '/v1/accounts',
    summary: 'Add an account',
    body: schemas.accountRequest,
    status: 201,
    reply: schemas.accountReply,
  },
  getAccount: {
    method: 'GET',
    path: '/v1/accounts/{id}',
    summary: 'One account',
    params: schemas.accountPath,
    status: 200,
    reply: schemas.accountReply,
  },
  listApplications: {
    method: 'GET',
    path: '/v1/applications',
    summary: 'Applications, never their keys',
    query: schemas.pageQuery,
    status: 200,
    reply: schemas.applicationPage,
  },
  addApplication: {
    method: 'POST',
    path: '/v1/applications',
    summary: 'Add an application; its API key is shown this once',
    body: schemas.applicationRequest,
    status: 201,
    reply: schemas.applicationCreatedReply,
  },
  revokeApplication: {
    method: 'POST',
    path: '/v1/applications/{id}/revoke',
    summary: 'End an application: its API key is refused from now on',
    params: schemas.applicationPath,
    body: schemas.lifeVerbRequest,
    status: 200,
    reply: schemas.applicationReply,
  },
  listAudit: {
    method: 'GET',
    path: '/v1/audit',
    summary: 'The audit log, oldest first',
    query: schemas.auditQuery,
    status: 200,
    reply: schemas.auditPage,
  },
  verifyAudit: {
    method: 'GET',
    path: '/v1/audit/verification',
    summary: "The audit chain's verdict",
    status: 200,
    reply: schemas.auditVerdict,
  },
  getClock: {
    method: 'GET',
    path: '/lab/clock',
    summary: "The lab's clock",
    status: 200,
    reply: schemas.clockReply,
  },
  moveClock: {
    method: 'POST',
    path: '/lab/clock',
    summary: "Move the lab's clock forward, freeze it or let it tick",
    body: schemas.clockRequest,
    status: 200,
    reply: schemas.clockReply,
  },
} as const satisfies Record<string, Operation>;

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
export type ReplyOf<Id extends OperationId> = z.output<Row<Id>['reply']>;
