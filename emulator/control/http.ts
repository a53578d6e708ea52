import type { IncomingMessage, ServerResponse } from 'node:http';
import { FobtwinError } from '../../shared/errors.ts';
import type { Files } from './files.ts';
import type { Gate } from './gate.ts';
import { type Context, OPERATIONS, type Operation, type Result } from './operations.ts';
import { problemOf } from './problems.ts';
import type { Toll } from './toll.ts';

/** The control interface over HTTP, and the files of the page. */
export interface HttpParts {
  readonly gate: Gate;
  readonly context: Context;
  readonly toll: Toll;
  readonly files: Files;
  /** Told of what failed inside; never of the caller's own mistakes. */
  readonly onFailure: (error: unknown) => void;
}

/** The longest command is a fault with all its attributes. */
export const BODY_BYTES_MAX = 16 * 1024;
const ERROR_MEDIA_TYPE = 'application/problem+json';

/** Whatever is served: no other origin embeds, reads, caches or is told of it. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: HttpParts,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const path = parts.gate.isOurs(request) ? parts.gate.opened(request) : undefined;
  // Nothing tells a stranger what is here, nor whether the name or the access token was wrong.
  if (path === undefined) return send(response, 404, 'text/plain; charset=utf-8', 'Not found\n');
  try {
    const file = request.method === 'GET' ? parts.files.find(path) : undefined;
    if (file !== undefined) return send(response, 200, file.mediaType, file.bytes);
    const result = await run(request, path, parts);
    if ('picture' in result) {
      return send(response, 200, result.picture.mediaType, result.picture.bytes);
    }
    return send(response, 200, 'application/json', JSON.stringify(result.json));
  } catch (error) {
    // Whoever went away in the middle of a body hears nothing, and nothing failed here.
    if (!isGone(error)) answerProblem(response, error, parts);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

function answerProblem(response: ServerResponse, error: unknown, { onFailure }: HttpParts): void {
  const problem = problemOf(error);
  if (problem.status === 500) onFailure(error);
  if (problem.status === 429) response.setHeader('Retry-After', '1');
  // What is left of a body that was too large is not read.
  if (problem.status === 413) response.setHeader('Connection', 'close');
  send(response, problem.status, ERROR_MEDIA_TYPE, JSON.stringify(problem));
}

function send(
  response: ServerResponse,
  status: number,
  mediaType: string,
  body: string | Uint8Array,
): void {
  response.writeHead(status, {
    'Content-Type': mediaType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function run(
  request: IncomingMessage,
  path: string,
  { context, toll }: HttpParts,
): Promise<Result> {
  const [place = '', query = ''] = path.slice(1).split('?', 2);
  const { operation, named } = findOperation(request.method ?? '', place);
  // Fixed names cannot be overruled by the query or the body.
  const given = { ...readQuery(query), ...(await readBody(request)), ...named };
  toll.pay(operation, named['serial']);
  return operation.run(given, context);
}

interface Found {
  readonly operation: Operation;
  /** What stood in the path. */
  readonly named: Readonly<Record<string, string>>;
}

function findOperation(method: string, place: string): Found {
  const here = Object.values<Operation>(OPERATIONS).flatMap((operation): Found[] => {
    const named = matchPath(operation.path, place);
    return named === undefined ? [] : [{ operation, named }];
  });
  if (here.length === 0) {
    throw new FobtwinError('notFound', 'There is nothing of this path', {
      nextStep: 'See API.md for what there is.',
    });
  }
  const found = here.find(({ operation }) => operation.method === method);
  if (found !== undefined) return found;
  throw new FobtwinError('methodNotAllowed', 'This path is not for this method', {
    nextStep: `Use ${here.map(({ operation }) => operation.method).join(' or ')}.`,
  });
}

/** What stands in a path where the template has names; undefined when it is another path. */
function matchPath(template: string, place: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = place.split('/');
  if (wanted.length !== given.length) return undefined;
  const named: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = decodePart(given[index] ?? '');
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (text === undefined || (name === undefined && part !== text)) return undefined;
    if (name !== undefined) named[name] = text;
  }
  return named;
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readQuery(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

async function readBody(request: IncomingMessage): Promise<object> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) {
      throw new FobtwinError('bodyTooLarge', `A body has at most ${BODY_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  if (length === 0) return {};
  // A form of another page could send text and forms, but not this without asking first.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new FobtwinError('unsupportedMediaType', 'A body is application/json');
  }
  return readObject(Buffer.concat(chunks).toString('utf8'));
}

/** @throws FobtwinError `malformedBody` */
export function readObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new FobtwinError('malformedBody', 'What was sent is not one JSON object');
}
