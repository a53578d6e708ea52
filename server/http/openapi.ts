import type { z } from 'zod';
import type { ErrorCode } from '../../shared/errors.ts';
import { IDEMPOTENCY_KEY } from '../../shared/wire/idempotency.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../shared/wire/operations.ts';
import * as schemas from '../../shared/wire/schemas.ts';
import { MATRIX } from '../access/matrix.ts';
import { EXAMPLES } from './openapi-examples.ts';
import { refusals } from './openapi-problems.ts';
import { componentSchemas, reference, toJsonSchema } from './openapi-schemas.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS } from './problem.ts';
import { JSON_BODY_BYTES_MAX } from './request-body.ts';

/**
 * The OpenAPI 3.1 document, generated from the rows that route requests, the schemas that parse
 * them and the matrix that guards them: it cannot say anything else than the server does.
 */

type Json = Record<string, unknown>;

const SECURITY_SCHEME = 'apiKey';

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

/** What streamed bodies are that are no seed files. */
const STREAMS: Readonly<Partial<Record<OperationId, string>>> = {
  receivePaymentEvent: "An event as the processor sends it, signed in the processor's own header",
};

function describeBody(id: OperationId, { body, streamed }: Operation): Json {
  if (streamed !== undefined) {
    const file = { schema: { type: 'string', description: STREAMS[id] ?? 'A seed file, UTF-8' } };
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
