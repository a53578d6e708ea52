import type { z } from 'zod';
import {
  ERROR_CODES,
  type ErrorCode,
  FIELD_ERROR_CODES,
  type FieldError,
  type FieldErrorCode,
  FobtwinError,
} from '../errors.ts';
import { IDEMPOTENCY_HEADER } from '../wire/idempotency.ts';
import {
  type BodyOf,
  OPERATIONS,
  type Operation,
  type OperationId,
  type ParamsOf,
  type QueryOf,
  type ReplyOf,
  type StreamingId,
} from '../wire/operations.ts';
import { problem } from '../wire/schemas.ts';
import { type Retry, withRetries } from './retry.ts';

export type { Retry } from './retry.ts';

/** What is sent as a stream: a web stream, a blob, bytes or text. */
export type Upload = ReadableStream<Uint8Array> | Blob | Uint8Array | string;

export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: Upload;
  readonly signal?: AbortSignal;
  /** The fetch standard wants it said whenever a stream is sent. */
  readonly duplex?: 'half';
}

export interface FetchReply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  /** The body as it arrives; needed by `stream` alone. */
  readonly body?: AsyncIterable<Uint8Array> | null;
}

/** As much of the fetch standard as the client needs. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchReply>;

export interface ClientOptions {
  /** Without a final slash: `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  /** Left out on the owner's socket. */
  readonly apiKey?: string;
  /** Default: whatever fails is told at once. */
  readonly retry?: Retry;
}

type Part<Name extends string, T> = [T] extends [undefined]
  ? { readonly [N in Name]?: undefined }
  : Partial<T> extends T
    ? { readonly [N in Name]?: T }
    : { readonly [N in Name]: T };

type Streamed<Id extends OperationId> = (typeof OPERATIONS)[Id] extends {
  readonly streamed: readonly (infer Type)[];
}
  ? { readonly stream: Upload; readonly contentType: Type }
  : { readonly stream?: undefined; readonly contentType?: undefined };

type Keyed<Id extends OperationId> = (typeof OPERATIONS)[Id] extends { readonly keyHeader: string }
  ? { readonly key?: string }
  : { readonly key?: undefined };

type Idempotent<Id extends OperationId> = (typeof OPERATIONS)[Id] extends {
  readonly idempotent: true;
}
  ? { readonly idempotencyKey?: string }
  : { readonly idempotencyKey?: undefined };

/** What one call takes: the operation's params, query and body, and when to give up. */
export type CallOptions<Id extends OperationId> = Part<'params', ParamsOf<Id>> &
  Part<'query', QueryOf<Id>> &
  Part<'body', BodyOf<Id>> &
  Streamed<Id> &
  Keyed<Id> &
  Idempotent<Id> & { readonly signal?: AbortSignal };

type CallArguments<Id extends OperationId> =
  Partial<CallOptions<Id>> extends CallOptions<Id>
    ? [options?: CallOptions<Id>]
    : [options: CallOptions<Id>];

export interface Client {
  /**
   * One request, one reply.
   *
   * @throws FobtwinError with the code, text, next step and field errors that the server sent;
   * `unavailable` when it cannot be reached, `internal` when its answer is not understood.
   * When `signal` is aborted, its reason.
   */
  call<Id extends OperationId>(id: Id, ...options: CallArguments<Id>): Promise<ReplyOf<Id>>;
  /**
   * One request whose reply is a stream; throws as `call` does. Iterating throws `unavailable`
   * when the stream breaks off, and the reason of `signal` when that is why.
   */
  stream<Id extends StreamingId>(
    id: Id,
    ...options: CallArguments<Id>
  ): Promise<AsyncIterable<Uint8Array>>;
}

/** One call with its types forgotten: what the client itself works with. */
interface Request {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly stream?: Upload;
  readonly contentType?: string;
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** A client of /v1. Keeps no state and no timers: the fetch it is given owns the connections. */
export function createClient({ baseUrl, fetch, apiKey, retry }: ClientOptions): Client {
  const ask = (operation: Operation, request: Request): Promise<FetchReply> => {
    const url = baseUrl + pathOf(operation, request.params) + queryOf(request.query);
    return send(fetch, url, initOf(operation, request, apiKey));
  };
  return {
    async call<Id extends OperationId>(id: Id, ...[options]: CallArguments<Id>) {
      const operation: Operation = OPERATIONS[id];
      const request = repeatable(operation, (options ?? {}) as Request, retry);
      const once = async (): Promise<ReplyOf<Id>> => {
        const reply = await ask(operation, request);
        return parseReply(operation, await receive(reply, options?.signal)) as ReplyOf<Id>;
      };
      return isRepeatable(operation, request) ? withRetries(once, retry, options?.signal) : once();
    },
    async stream<Id extends StreamingId>(id: Id, ...[options]: CallArguments<Id>) {
      const operation: Operation = OPERATIONS[id];
      const signal = options?.signal;
      const reply = await ask(operation, (options ?? {}) as Request);
      if (reply.status === operation.status && reply.body) return unbroken(reply.body, signal);
      const { status, type, text } = await receive(reply, signal);
      throw errorOf(status, type, text);
    },
  };
}

/** What may be sent again draws its key first, where it is about to be. */
function repeatable(operation: Operation, request: Request, retry: Retry | undefined): Request {
  const drawsKey = operation.idempotent === true && retry !== undefined;
  if (!drawsKey || request.idempotencyKey !== undefined) return request;
  return { ...request, idempotencyKey: retry.newKey() };
}

/** Sent twice, it does no more than sent once. */
const isRepeatable = ({ method }: Operation, { idempotencyKey }: Request): boolean =>
  method === 'GET' || idempotencyKey !== undefined;

function pathOf(operation: Operation, params: Request['params'] = {}): string {
  return operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
}

function queryOf(query: Request['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? '' : `?${search}`;
}

function initOf(operation: Operation, request: Request, apiKey: string | undefined): FetchInit {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (apiKey !== undefined) headers['authorization'] = `Bearer ${apiKey}`;
  if (operation.keyHeader !== undefined && request.key !== undefined) {
    headers[operation.keyHeader] = request.key;
  }
  if (request.idempotencyKey !== undefined) headers[IDEMPOTENCY_HEADER] = request.idempotencyKey;
  const init = {
    method: operation.method,
    headers,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  if (request.stream !== undefined && request.contentType !== undefined) {
    headers['content-type'] = request.contentType;
    return { ...init, body: request.stream, duplex: 'half' };
  }
  if (operation.body === undefined) return init;
  headers['content-type'] = 'application/json';
  return { ...init, body: JSON.stringify(request.body ?? {}) };
}

interface Received {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function send(fetch: Fetch, url: string, init: FetchInit): Promise<FetchReply> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new FobtwinError('unavailable', `fobd cannot be reached at ${new URL(url).origin}`, {
      nextStep: 'Check that fobd is serving there.',
      cause,
    });
  }
}

async function receive(reply: FetchReply, signal?: AbortSignal): Promise<Received> {
  const type = reply.headers.get('content-type') ?? '';
  try {
    return { status: reply.status, type, text: await reply.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    throw brokenOff(cause);
  }
}

async function* unbroken(
  pieces: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (cause) {
    signal?.throwIfAborted();
    throw brokenOff(cause);
  }
}

const brokenOff = (cause: unknown): FobtwinError =>
  new FobtwinError('unavailable', 'fobd broke its answer off', {
    nextStep: 'Look into the log of fobd, then try again.',
    cause,
  });

function parseReply(operation: Operation, { status, type, text }: Received): unknown {
  if (status !== operation.status || operation.reply === undefined) {
    throw errorOf(status, type, text);
  }
  const parsed = operation.reply.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw notUnderstood(`${operation.method} ${operation.path} answered ${status}`, parsed.error);
}

function errorOf(status: number, type: string, text: string): FobtwinError {
  const parsed = problem.safeParse(parseJson(text));
  if (!type.startsWith('application/problem+json') || !parsed.success) {
    if (status === 503) {
      return new FobtwinError('unavailable', 'fobd cannot take requests now', {
        nextStep: 'Try again in a moment.',
      });
    }
    return notUnderstood(`the answer was ${status} ${type}`);
  }
  const { code, title, detail, nextStep, errors, retryAfterSeconds } = parsed.data;
  return new FobtwinError(errorCodeOf(code), detail ?? title, {
    detail: `HTTP ${status}`,
    ...(nextStep === undefined ? {} : { nextStep }),
    errors: (errors ?? []).map(fieldErrorOf),
    retryAfterSeconds,
  });
}

const notUnderstood = (detail: string, cause?: z.ZodError): FobtwinError =>
  new FobtwinError('internal', 'The answer is not one of fobd', {
    detail,
    nextStep: 'Check the address, and that fobd is of the same version.',
    cause,
  });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isErrorCode = (code: string): code is ErrorCode =>
  (ERROR_CODES as readonly string[]).includes(code);
const isFieldErrorCode = (code: string): code is FieldErrorCode =>
  (FIELD_ERROR_CODES as readonly string[]).includes(code);

/** A newer server's code that this client does not know reads `internal`. */
const errorCodeOf = (code: string): ErrorCode => (isErrorCode(code) ? code : 'internal');

const fieldErrorOf = ({ field, code }: { field: string; code: string }): FieldError => ({
  field,
  code: isFieldErrorCode(code) ? code : 'unsupported',
});
