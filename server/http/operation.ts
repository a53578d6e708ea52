import { Readable } from 'node:stream';
import type Koa from 'koa';
import type { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { OPERATIONS, type Operation, type OperationId } from '../../shared/wire/operations.ts';
import { authorise } from '../access/authorise.ts';
import { type Check, MATRIX } from '../access/matrix.ts';
import type { Caller, Principal } from '../access/scopes.ts';
import type { Authenticate } from './authentication.ts';
import { type Handlers, NotReady, Streamed } from './handlers/handler.ts';
import { parseInput } from './input.ts';
import { requireLoopback } from './loopback.ts';
import { PROBLEMS } from './problem.ts';
import { readJsonBody } from './request-body.ts';

export interface OperationDependencies {
  readonly handlers: Handlers;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  /** The owner's own socket has no address; it is this machine. */
  readonly localOwner: boolean;
}

/** A handler whose call is parsed by the very row it belongs to, its types no longer told apart. */
type Handle = (call: {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller;
  readonly request: Koa.Context['req'];
}) => Promise<unknown>;

/** Who asks an open operation. */
const ANYBODY: Principal = { actor: 'anybody', scopes: new Set() };

/**
 * The way of every request: authenticate, authorise, parse, handle, render. Strangers are refused
 * before anything they sent is parsed.
 */
export function createOperation(
  id: OperationId,
  { handlers, authenticate, clock, localOwner }: OperationDependencies,
): (context: Koa.Context) => Promise<void> {
  const row: Operation = OPERATIONS[id];
  const check: Check = MATRIX[id];
  const isOpen = check.scopes.length === 0;
  const needsLoopback = check.lab && !localOwner;
  const handle = handlers[id] as unknown as Handle;

  return async function operation(context) {
    const request = context.req;
    if (needsLoopback) requireLoopback(request);
    const principal = isOpen ? undefined : await authenticate(request);
    authorise(principal, check);
    const { params, query, body } = row;
    const reply = await handle({
      params: params && parseInput(params, context['params'], '/path'),
      query: query && parseInput(query, plain(context.query), '/query'),
      body: body && (await parseBody(body, context)),
      caller: { principal: principal ?? ANYBODY, now: clock.now() },
      request,
    });
    render(context, row, reply);
  };
}

const parseBody = async (schema: z.ZodType, context: Koa.Context): Promise<unknown> =>
  parseInput(schema, await readJsonBody(context), '');

/** Koa's query has no prototype, which a schema of plain objects does not take. */
const plain = (query: object): object => ({ ...query });

function render(context: Koa.Context, { status, streamedReply }: Operation, reply: unknown): void {
  if (reply instanceof Streamed) {
    context.status = status;
    context.set('Content-Type', streamedReply ?? 'application/octet-stream');
    context.body = Readable.from(reply.pieces, { objectMode: false });
    return;
  }
  const isReady = !(reply instanceof NotReady);
  context.status = isReady ? status : PROBLEMS.unavailable.status;
  context.body = isReady ? reply : reply.reply;
}
