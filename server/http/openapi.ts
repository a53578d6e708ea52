import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../shared/errors.ts';
import * as accounts from '../../shared/wire/accounts-schemas.ts';
import * as applications from '../../shared/wire/applications-schemas.ts';
import * as audit from '../../shared/wire/audit-schemas.ts';
import * as explanations from '../../shared/wire/explanation-schemas.ts';
import { IDEMPOTENCY_KEY } from '../../shared/wire/idempotency.ts';
import * as keys from '../../shared/wire/keys-schemas.ts';
import * as oidc from '../../shared/wire/oidc-schemas.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../shared/wire/operations.ts';
import * as schemas from '../../shared/wire/schemas.ts';
import * as seedFiles from '../../shared/wire/seed-files-schemas.ts';
import * as sessions from '../../shared/wire/sessions-schemas.ts';
import { MATRIX } from '../access/matrix.ts';
import { EXAMPLES } from './openapi-examples.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS } from './problem.ts';
import { JSON_BODY_BYTES_MAX } from './request-body.ts';

/**
 * The OpenAPI 3.1 document, generated from the rows that route requests, the schemas that parse
 * them and the matrix that guards them: it cannot say anything else than the server does.
 */

type Json = Record<string, unknown>;

const SECURITY_SCHEME = 'apiKey';
const COMPONENTS = '#/components/schemas/';

/** What can be refused beyond what follows from a row's schemas and checks. */
const OWN_PROBLEMS: Readonly<Partial<Record<OperationId, readonly ErrorCode[]>>> = {
  importSeedFile: [
    'notAllowedNow',
    'malformedBody',
    'bodyTooLarge',
    'unsupportedMediaType',
    'invalidInput',
  ],
  exportSeedFile: ['notFound'],
  getToken: ['notFound'],
  registerToken: ['notFound', 'alreadyRegistered', 'revoked', 'notAllowedNow'],
  resyncToken: ['notFound', 'revoked'],
  unlockToken: ['notFound', 'revoked', 'notAllowedNow'],
  lockToken: ['notFound', 'revoked', 'notAllowedNow'],
  enableToken: ['notFound', 'revoked', 'notAllowedNow'],
  suspendToken: ['notFound', 'revoked', 'notAllowedNow'],
  resumeToken: ['notFound', 'revoked', 'notAllowedNow'],
  loseToken: ['notFound', 'revoked', 'notAllowedNow'],
  findToken: ['notFound', 'revoked', 'notAllowedNow'],
  revokeToken: ['notFound', 'revoked', 'notAllowedNow'],
  resetTokenDrift: ['notFound', 'revoked', 'notAllowedNow'],
  replaceToken: ['notFound', 'revoked', 'alreadyRegistered', 'notAllowedNow'],
  addAccount: ['exists'],
  getApplication: ['notFound'],
  rotateKeys: ['notAllowedNow'],
  rewrapKeys: ['notAllowedNow'],
  addApplication: ['exists', 'notAllowedNow'],
  rotateApplication: ['notFound', 'revoked', 'notAllowedNow'],
  getAccount: ['notFound'],
  changeAccount: ['notFound'],
  disableAccount: ['notFound', 'notAllowedNow'],
  enableAccount: ['notFound', 'notAllowedNow'],
  setPassword: ['notFound', 'notAllowedNow'],
  removePassword: ['notFound', 'notAllowedNow'],
  elevateSession: ['notFound'],
  beginSession: ['notFound', 'notAllowedNow'],
  getOidcClient: ['notFound'],
  addOidcClient: ['exists', 'notAllowedNow'],
  changeOidcClient: ['notFound'],
  rotateOidcClientSecret: ['notFound', 'notAllowedNow'],
  removeOidcClient: ['notFound'],
  rotateOidcKeys: ['notAllowedNow'],
  createBackup: ['notAllowedNow'],
  explainToken: ['notFound', 'revoked', 'notAllowedNow'],
  explainAccount: ['notFound'],
  retainAudit: ['notAllowedNow'],
  allowApplication: ['notFound', 'revoked'],
  demandOfApplication: ['notFound', 'revoked'],
  revokeApplication: ['notFound', 'revoked'],
};

export function openApiDocument({ lab }: { readonly lab: boolean }): Json {
  const ids = (Object.keys(OPERATIONS) as OperationId[]).filter((id) => lab || !MATRIX[id].lab);
  const paths: Record<string, Json> = {};
  for (const id of ids) {
    const { method, path } = OPERATIONS[id];
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(id) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'fobd',
      version: '1',
      summary: 'The validation server of Fobtwin',
      description:
        'Decides whether the code of a one-button token is good, once. Errors are problem ' +
        `details (RFC 9457) with a stable code. A JSON body has at most ${JSON_BODY_BYTES_MAX} ` +
        'bytes; in errors, `field` is a JSON Pointer into the body, or begins with `/path` or ' +
        '`/query`, or names a line or package of a seed file.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Where this document was fetched' }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        [SECURITY_SCHEME]: {
          type: 'http',
          scheme: 'bearer',
          description: 'The API key of an application: fobd_ID_SECRET',
        },
      },
    },
  };
}

function describeOperation(id: OperationId): Json {
  const row: Operation = OPERATIONS[id];
  const { scopes } = MATRIX[id];
  return {
    operationId: id,
    summary: row.summary,
    security: scopes.map((scope) => ({ [SECURITY_SCHEME]: [scope] })),
    parameters: [
      ...describeKeyHeader(row),
      ...describeIdempotencyKey(row),
      ...describeParameters(row.params, 'path'),
      ...describeParameters(row.query, 'query'),
    ],
    ...describeBody(id, row),
    responses: { [row.status]: describeReply(id, row), ...describeRefusals(id, row) },
  };
}

function describeParameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input');
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function describeKeyHeader({ keyHeader }: Operation): Json[] {
  if (keyHeader === undefined) return [];
  const schema = { type: 'string', description: 'Of an encrypted file: key=HEX, passphrase=TEXT' };
  return [{ name: keyHeader, in: 'header', required: false, schema }];
}

function describeIdempotencyKey({ idempotent }: Operation): Json[] {
  if (idempotent === undefined) return [];
  const description =
    'One for each attempt: the same request under the same key within 60 s gets the same answer, ' +
    'another request under it 422';
  const schema = { type: 'string', pattern: IDEMPOTENCY_KEY.source, description };
  return [{ name: 'Idempotency-Key', in: 'header', required: false, schema }];
}

function describeBody(id: OperationId, { body, streamed }: Operation): Json {
  if (streamed !== undefined) {
    const file = { schema: { type: 'string', description: 'A seed file, UTF-8' } };
    const content = Object.fromEntries(streamed.map((type) => [type, file]));
    return { requestBody: { required: true, content } };
  }
  if (body === undefined) return {};
  const example = Reflect.get(EXAMPLES[id], 'body');
  const content = { 'application/json': { schema: reference(body), example } };
  // No body at all reads as an empty object: where that parses, the body is optional.
  return { requestBody: { required: !body.safeParse({}).success, content } };
}

function describeReply(id: OperationId, { reply, streamedReply }: Operation): Json {
  if (streamedReply !== undefined) {
    const file = { schema: { type: 'string', format: 'binary' } };
    const content = Object.fromEntries([streamedReply].flat().map((type) => [type, file]));
    return { description: 'Done; the connection breaks off when it fails in the middle', content };
  }
  const example = Reflect.get(EXAMPLES[id], 'reply');
  const content = { 'application/json': { schema: reference(reply), example } };
  return { description: 'Done', content };
}

/** Problems by status: one response of OpenAPI names every code that comes with it. */
function describeRefusals(id: OperationId, row: Operation): Json {
  const codesByStatus = new Map<number, ErrorCode[]>();
  for (const code of refusals(id, row)) {
    const { status } = PROBLEMS[code];
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
  }
  const responses: Json = {};
  for (const [status, codes] of codesByStatus) {
    const content = { [PROBLEM_MEDIA_TYPE]: { schema: reference(schemas.problem) } };
    responses[status] = { description: codes.join(', '), content };
  }
  if (id === 'readyz') {
    const content = { 'application/json': { schema: reference(row.reply) } };
    responses[PROBLEMS.unavailable.status] = { description: 'stopping, unavailable', content };
  }
  return responses;
}

/** What every operation that needs an API key can answer. */
const GUARDED = ['unauthenticated', 'forbidden', 'tooManyRequests', 'unavailable'] as const;

function refusals(id: OperationId, row: Operation): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>(['internal', ...(OWN_PROBLEMS[id] ?? [])]);
  const isGuarded = MATRIX[id].scopes.length > 0;
  if (isGuarded) for (const code of GUARDED) codes.add(code);
  if (row.params !== undefined || row.query !== undefined) codes.add('invalidInput');
  if (row.body !== undefined) {
    const ofBodies = [
      'malformedBody',
      'bodyTooLarge',
      'unsupportedMediaType',
      'invalidInput',
    ] as const;
    for (const code of ofBodies) codes.add(code);
  }
  return ERROR_CODES.filter((code) => codes.has(code));
}

/** Schemas that stand alone in `shared/wire/*schemas.ts` are components, by their names there. */
const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    ...schemas,
    ...explanations,
    ...accounts,
    ...applications,
    ...audit,
    ...keys,
    ...oidc,
    ...seedFiles,
    ...sessions,
  }).map(([name, schema]) => [schema, name[0]?.toUpperCase() + name.slice(1)]),
);

const isRequest = (name: string): boolean => name.endsWith('Request');

function reference(schema: z.ZodType | undefined): Json {
  const name = NAMES.get(schema);
  if (name === undefined)
    throw new TypeError('a schema of /v1 has no name in shared/wire/*schemas.ts');
  return { $ref: COMPONENTS + name };
}

function componentSchemas(): Json {
  const published = Object.values(OPERATIONS).flatMap((row: Operation) => [row.body, row.reply]);
  const named = new Set<unknown>([...published, schemas.problem, ...VIEWS]);
  const requests = z.registry<{ id: string }>();
  const replies = z.registry<{ id: string }>();
  for (const [schema, name] of NAMES) {
    if (!named.has(schema)) continue;
    (isRequest(name) ? requests : replies).add(schema as z.ZodType, { id: name });
  }
  return { ...convertAll(requests, 'input'), ...convertAll(replies, 'output') };
}

/** Parts of replies that are worth a name of their own. */
const VIEWS = [
  schemas.tokenView,
  accounts.accountView,
  applications.applicationView,
  applications.applicationKeyView,
  keys.dataKeyView,
  keys.rotationView,
  oidc.oidcClientView,
  oidc.oidcKeyView,
  sessions.sessionView,
  schemas.auditEntryView,
];

type Io = 'input' | 'output';
interface ObjectSchema extends Json {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

function convertAll(registry: z.core.$ZodRegistry<{ id: string }>, io: Io): Json {
  const uri = (id: string): string => COMPONENTS + id;
  const converted = z.toJSONSchema(registry, { io, uri, override: tidy(io) }).schemas;
  return Object.fromEntries(
    Object.entries(converted).map(([name, { $schema, $id, ...schema }]) => [name, schema]),
  );
}

const toJsonSchema = (schema: z.ZodType, io: Io): ObjectSchema =>
  z.toJSONSchema(schema, { io, override: tidy(io) }) as ObjectSchema;

/** `example` is JSON Schema's `examples`; replies may grow fields, so clients must let them. */
const tidy =
  (io: Io) =>
  ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
    const { example } = jsonSchema as { example?: z.core.JSONSchema.JSONSchema };
    if (example !== undefined) {
      delete jsonSchema['example'];
      jsonSchema.examples = [example];
    }
    if (io === 'output') delete jsonSchema.additionalProperties;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  };
