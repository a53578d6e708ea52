import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { EXAMPLES } from '../../server/http/openapi-examples.ts';
import { OPERATIONS, type OperationId } from '../../shared/wire/operations.ts';
import { problem } from '../../shared/wire/schemas.ts';
import { type Served, serve, timeEntry } from '../server/http/served.ts';
import { check, type FuzzTarget } from './fuzz.ts';

/**
 * The HTTP edge over its real services: whatever comes, it is answered, never with 500, and what is
 * refused is a problem as the schema has it.
 */
export const fuzzHttp: FuzzTarget = {
  name: 'http',
  async run(options) {
    const served = await serve();
    try {
      await served.stock(timeEntry('FT00000001'));
      await served.register('FT00000001', 'jennifer');
      const key = await served.key();
      return await check(requests, (request) => answersWell(served, key, request), options);
    } finally {
      await served.close();
    }
  },
};

const ids = (Object.keys(OPERATIONS) as OperationId[]).filter(
  // These would read the whole store again and again, and find nothing else.
  (id) => !['getClock', 'moveClock'].includes(id),
);

const word = fc.oneof(
  fc.constantFrom('FT00000001', 'jennifer', '0123456789abcdef', '..', '%00', '%2e%2e', 'é', ''),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(well(text))),
);

/** Lone surrogates have no encoding. */
const well = (text: string): string => text.replace(/\p{Cs}/gu, '\uFFFD');

const paths = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...ids), word).map(([id, name]) => rowPath(id, name)),
  },
  { weight: 1, arbitrary: fc.array(word, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`) },
);

const rowPath = (id: OperationId, name: string): string =>
  OPERATIONS[id].path.replace(/\{\w+\}/g, () => name);

const queries = fc.oneof(
  fc.constant(''),
  fc
    .array(
      fc.tuple(fc.constantFrom('limit', 'after', 'cursor', 'state', 'hold', 'serial', 'x'), word),
    )
    .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
);

/** Bodies near to good ones: an example with one of its fields replaced, or anything at all. */
const bodies = fc.oneof(
  fc
    .tuple(fc.constantFrom(...ids), fc.nat(), fc.jsonValue())
    .map(([id, place, value]) => JSON.stringify(spoilt(id, place, value))),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '{', '[]', 'null', '{"__proto__":{"a":1}}', '{"code":1e999}', '\uFEFF{}'),
);

function spoilt(id: OperationId, place: number, value: unknown): object {
  const example: Record<string, unknown> = { ...Reflect.get(EXAMPLES[id], 'body') };
  const names = [...Object.keys(example), 'serial', 'code', 'account', 'constructor'];
  return { ...example, [names[place % names.length] ?? 'code']: value };
}

const token = /[^\t\x20-\x7e]/g;
const headers = fc.dictionary(
  fc.constantFrom(
    ...['content-type', 'content-encoding', 'x-request-id', 'accept', 'expect', 'if-match'],
    ...['fobd-seed-file-key', 'x-forwarded-for', 'forwarded', 'cookie', 'range', 'origin'],
  ),
  fc.oneof(
    fc.constantFrom(
      'application/json',
      'text/csv',
      'application/pskc+xml',
      'gzip',
      'key=00',
      '*/*',
    ),
    fc.string({ maxLength: 60 }).map((text) => text.replace(token, '')),
  ),
  { maxKeys: 3 },
);

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'),
  path: fc.tuple(paths, queries).map((parts) => parts.join('')),
  headers,
  isJson: fc.boolean(),
  body: bodies,
  hasKey: fc.boolean(),
});
type Request = typeof requests extends fc.Arbitrary<infer R> ? R : never;

async function answersWell(served: Served, key: string, request: Request): Promise<void> {
  const { status, type, body } = await send(served, key, request);
  if (served.logged.length > 0) throw new Error(`logged: ${JSON.stringify(served.logged[0])}`);
  if (status >= 500 && status !== 503) throw new Error(`answered ${status}: ${body}`);
  if (status < 400 || request.method === 'HEAD') return;
  // What is not HTTP, or expects what nobody knows, is refused by Node before the edge sees it.
  if ((status === 400 || status === 417) && type === undefined) return;
  if (type !== 'application/problem+json') throw new Error(`${status} with ${type}: ${body}`);
  const told = problem.parse(JSON.parse(body));
  if (told.status !== status) throw new Error(`${status} says that it is ${told.status}`);
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

/** Over a socket of its own: an HTTP library would mend half of what is wrong. */
async function send(served: Served, key: string, request: Request): Promise<Answer> {
  const { method, path, isJson, hasKey } = request;
  const body = Buffer.from(request.body);
  const all = {
    host: 'fobd',
    connection: 'close',
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    ...(hasKey ? { authorization: `Bearer ${key}` } : {}),
    ...request.headers,
    'content-length': String(body.length),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  socket.on('error', () => undefined);
  socket.write([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  socket.write(body);
  await once(socket, 'close');
  return readAnswer(Buffer.concat(pieces).toString('utf8'));
}

function readAnswer(text: string): Answer {
  const last = text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(last)?.[1]);
  if (Number.isNaN(status)) throw new Error(`no answer: ${JSON.stringify(text)}`);
  const end = last.indexOf('\r\n\r\n');
  const type = /\r\ncontent-type: ([^\r;]+)/i.exec(last.slice(0, end))?.[1];
  return { status, type, body: last.slice(end + 4) };
}
