import { Readable } from 'node:stream';
import type Koa from 'koa';
import type { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../shared/wire/operations.ts';
import { authorise } from '../access/authorise.ts';
import { type Check, MATRIX } from '../access/matrix.ts';
import type { Caller, Principal } from '../access/scopes.ts';
import { type Authenticate, orStranger } from './authentication.ts';
import { type Handlers, NotReady, type Pieces, Sliced, Streamed } from './handlers/handler.ts';
import { parseInput } from './input.ts';
import type { Limits, Settle } from './limits.ts';
import { attemptReader, isRight } from './limits-attempt.ts';
import { requireLoopback } from './loopback.ts';
import { PROBLEMS } from './problem.ts';
import { quickVerify } from './quick-verify.ts';
import type { JsonReply } from './reply.ts';
import { parseJson, readJsonText } from './request-body.ts';

export interface OperationDependencies {
  readonly handlers: Handlers;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  /** The owner's own socket has no address; it is this machine. */
  readonly localOwner: boolean;
  /** Undefined: attempts at codes are not limited here. */
  readonly limits: Limits | undefined;
}

/** A handler whose call is parsed by the very row it belongs to, its types no longer told apart. */
type Handle = (call: Call) => Promise<unknown>;

interface Call {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller;
  readonly request: Koa.Context['req'];
}

/** What a request turned out to be, for whoever watches: it stands in the context's state. */
export interface Seen {
  requestId?: string;
  operation?: OperationId;
  actor?: string | undefined;
  /** Sent by the envelope; absent where the reply is no JSON, or a problem. */
  reply?: JsonReply;
}

/** Who asks an open operation. */
const ANYBODY: Principal = { actor: 'anybody', scopes: new Set() };

/**
 * The way of every request: authenticate, authorise, parse, handle, render. Strangers are refused
 * before anything they sent is parsed.
 */
export function createOperation(
  id: OperationId,
  { handlers, authenticate, clock, localOwner, limits }: OperationDependencies,
): (context: Koa.Context) => Promise<void> {
  const row: Operation = OPERATIONS[id];
  const check: Check = MATRIX[id];
  const isOpen = check.scopes.length === 0;
  const needsLoopback = check.lab && !localOwner;
  const handle = handlers[id] as unknown as Handle;
  const beginAttempt = attempts(id, limits);
  const recognise = isOpen ? orStranger(authenticate) : authenticate;
  const readBody = id === 'verify' ? readVerifyBody : readAnyBody;

  return async function operation(context) {
    const request = context.req;
    const seen: Seen = context.state;
    seen.operation = id;
    if (needsLoopback) requireLoopback(request);
    // An open operation lets strangers in, and may tell more to those it knows.
    const isStranger = isOpen && !localOwner && request.headers.authorization === undefined;
    const recognised = isStranger ? undefined : recognise(request);
    // To wait for what is known already would cost every request a turn.
    const principal = recognised instanceof Promise ? await recognised : recognised;
    seen.actor = principal?.actor;
    authorise(principal, check, check.self && context['params'].id);
    const { params, query, body } = row;
    const call: Call = {
      params: params && parseInput(params, context['params'], '/path'),
      query: query && parseInput(query, plain(context.query), '/query'),
      body: body && readBody(body, await readJsonText(request)),
      caller: { principal: principal ?? ANYBODY, now: clock.now() },
      request,
    };
    const settle = beginAttempt?.(call);
    const reply = await handle(call);
    settle?.(isRight((reply as { readonly outcome?: unknown }).outcome));
    if (reply instanceof Streamed || reply instanceof Sliced) await stream(context, row, reply);
    else seen.reply = jsonReplyOf(row, reply);
  };
}

const readAnyBody = (schema: z.ZodType, text: string): unknown =>
  parseInput(schema, parseJson(text), '');

const readVerifyBody = (schema: z.ZodType, text: string): unknown =>
  quickVerify(text) ?? readAnyBody(schema, text);

/** Attempts at codes pass the limits by token and by account on their way to the handler. */
function attempts(
  id: OperationId,
  limits: Limits | undefined,
): ((call: Call) => Settle | undefined) | undefined {
  const readAttempt = attemptReader(id);
  if (readAttempt === undefined || limits === undefined) return undefined;
  return (call) => {
    const attempt = readAttempt(call);
    return attempt && limits.attempt(attempt);
  };
}

/** Koa's query has no prototype, which a schema of plain objects does not take. */
const plain = (query: object): object => ({ ...query });

const jsonReplyOf = ({ status }: Operation, reply: unknown): JsonReply =>
  reply instanceof NotReady
    ? { status: PROBLEMS.unavailable.status, value: reply.reply }
    : { status, value: reply };

async function stream(
  context: Koa.Context,
  { status, streamedReply }: Operation,
  reply: Streamed | SlicedRows,
): Promise<void> {
  context.status = status;
  if (reply instanceof Streamed) {
    const pieces = await begun(reply.pieces);
    const [first = 'application/octet-stream'] = [streamedReply ?? []].flat();
    context.set('Content-Type', reply.mediaType ?? first);
    context.body = Readable.from(pieces, { objectMode: false });
    return;
  }
  context.set('Content-Type', 'application/json; charset=utf-8');
  context.body = Readable.from(jsonOf(reply), { objectMode: false });
}

/**
 * The pieces once the first of them is made: until then the status is not out, and what fails is
 * answered with a problem. An iterator of its own, since a generator that was never asked for
 * anything would not tell `pieces` that nobody wants them.
 */
async function begun(pieces: Pieces): Promise<AsyncIterable<Uint8Array | string>> {
  const rest = inTurn(pieces);
  let first: Promise<IteratorResult<Uint8Array | string, void>> | undefined = rest.next();
  await first;
  const iterator: AsyncIterator<Uint8Array | string, void> = {
    next() {
      const next = first ?? rest.next();
      first = undefined;
      return next;
    },
    return: () => rest.return(),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* inTurn(pieces: Pieces): AsyncGenerator<Uint8Array | string, void, undefined> {
  yield* pieces;
}

/** Rows made into JSON at a stretch: well under a millisecond. */
const SLICE_ROWS = 500;

type SlicedRows = Sliced<{ readonly rows: readonly unknown[] }>;

async function* jsonOf({
  reply: { rows, ...rest },
}: SlicedRows): AsyncGenerator<string, void, undefined> {
  const start = JSON.stringify({ ...rest, rows: [] });
  yield start.slice(0, -']}'.length);
  for (let from = 0; from < rows.length; from += SLICE_ROWS) {
    const slice = JSON.stringify(rows.slice(from, from + SLICE_ROWS)).slice(1, -1);
    yield from === 0 ? slice : `,${slice}`;
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield ']}';
}
