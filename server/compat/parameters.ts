import type { IncomingMessage } from 'node:http';
import { CompatError } from './errors.ts';

/**
 * A request's parameters, wherever they stand: in the query, in a form, in multipart form data (as
 * PHP's curl sends an array) or in a JSON object; the body's speak before the query's.
 */
export type Parameters = ReadonlyMap<string, string>;

const BODY_BYTES_MAX = 64 * 1024;
const PARAMETERS_MAX = 64;
const CHARACTERS_MAX = 4096;

/**
 * Clients whose values are encoded once. All others are taken for clients that encode them twice,
 * as privacyIDEA takes them; JSON is never decoded. Facts 2.1, and privacyidea/api/lib/utils.py.
 */
const ENCODES_ONCE = new Set(['privacyidea-cp', 'privacyidea-ldap-proxy', 'simplesamlphp']);

/** @throws CompatError 905 when there is more than is looked at, or it cannot be read */
export async function readParameters(request: IncomingMessage): Promise<Parameters> {
  const query = readPairs(queryOf(request.url ?? ''));
  const agent = /^[A-Za-z0-9_-]+/.exec(request.headers['user-agent'] ?? '')?.[0] ?? '';
  const decode = ENCODES_ONCE.has(agent.toLowerCase()) ? (text: string) => text : decodeAgain;
  const parameters = new Map<string, string>();
  for (const [name, value] of query) parameters.set(name, decode(value));
  if (request.method !== 'GET') {
    const { encoded, plain } = await readBody(request);
    for (const [name, value] of encoded) parameters.set(name, decode(value));
    for (const [name, value] of plain) parameters.set(name, value);
  }
  const isTooLong = [...parameters].some(([name, value]) => {
    return name.length > CHARACTERS_MAX || value.length > CHARACTERS_MAX;
  });
  if (parameters.size > PARAMETERS_MAX || isTooLong) {
    throw new CompatError(905, 'Too many parameters, or too long ones.');
  }
  return parameters;
}

type Pairs = Iterable<readonly [string, string]>;

/** Not by `URL`, whose error quotes what it cannot read: a password may stand there. */
const queryOf = (target: string): string => target.split('?').slice(1).join('?');

/**
 * @throws CompatError 905 for a name that stands there twice: whoever can put something into a
 * request that its client does not encode would choose what is looked at
 */
function readPairs(text: string): Pairs {
  const pairs = [...new URLSearchParams(text)];
  if (new Set(pairs.map(([name]) => name)).size === pairs.length) return pairs;
  throw new CompatError(905, 'A parameter stands there twice.');
}

interface Body {
  /** Decoded once more for clients that encode twice. */
  readonly encoded: Pairs;
  readonly plain: Pairs;
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const bytes = await readBytes(request);
  const contentType = request.headers['content-type'] ?? '';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (bytes.length === 0) return { encoded: [], plain: [] };
  if (type === 'application/json') return { encoded: [], plain: jsonPairs(bytes) };
  if (type === 'multipart/form-data') {
    return { encoded: await multipartPairs(bytes, contentType), plain: [] };
  }
  return { encoded: readPairs(bytes.toString('utf8')), plain: [] };
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new CompatError(905, 'The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonPairs(bytes: Buffer): Pairs {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new CompatError(905, 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CompatError(905, 'The body is not a JSON object.');
  }
  return Object.entries(value)
    .filter(([, part]) => ['string', 'number', 'boolean'].includes(typeof part))
    .map(([name, part]) => [name, String(part)] as const);
}

async function multipartPairs(bytes: Buffer, contentType: string): Promise<Pairs> {
  const headers = { 'content-type': contentType };
  const form = await new Response(Uint8Array.from(bytes), { headers }).formData().catch(() => {
    throw new CompatError(905, 'The form data cannot be read.');
  });
  return [...form].flatMap(([name, value]) => {
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
}

/** As Python's `unquote`: `+` stays, and what is no UTF-8 becomes U+FFFD. */
const decodeAgain = (text: string): string =>
  text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );

/** @throws CompatError 905 when it is not there */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined || value === '') {
    throw new CompatError(905, `Missing parameter: '${name}'`);
  }
  return value;
}
