import type { IncomingMessage } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import type Koa from 'koa';
import { FobtwinError } from '../../shared/errors.ts';

/** Bytes of a JSON body; the largest that makes sense is far smaller. */
export const JSON_BODY_BYTES_MAX = 64 * 1024;

/**
 * Bytes read and thrown away after a reply that did not wait for its body: enough that a client
 * which sends everything before it reads still gets the reply, and no more.
 */
export const DISCARDED_BYTES_MAX = 8 * 1024 * 1024;

const JSON_TYPE = 'application/json';
const readJson = bodyParser({
  enableTypes: ['json'],
  // The media type has been checked by then, more strictly than the parser would.
  detectJSON: () => true,
  jsonLimit: JSON_BODY_BYTES_MAX,
});
const done = async (): Promise<void> => {};

/**
 * The JSON of a request; no body at all reads as an empty object.
 *
 * @throws FobtwinError `unsupportedMediaType`, `bodyTooLarge`, `malformedBody`
 */
export async function readJsonBody(context: Koa.Context): Promise<unknown> {
  const { headers } = context.req;
  if (isAbsent(context.req)) return {};
  if (headers['content-type'] !== JSON_TYPE) requireMediaType(headers, [JSON_TYPE]);
  refuseCompressed(headers);
  try {
    await readJson(context, done);
  } catch (error) {
    throw asProblem(error);
  }
  refuseBrokenText(context.request.rawBody);
  return context.request.body;
}

function isAbsent({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return length === '0' || (length === undefined && headers['transfer-encoding'] === undefined);
}

/**
 * The request's media type, one of `types`. A charset other than UTF-8 is refused too.
 *
 * @throws FobtwinError `unsupportedMediaType`
 */
export function requireMediaType<Type extends string>(
  headers: IncomingMessage['headers'],
  types: readonly Type[],
): Type {
  const [essence = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const type = types.find((candidate) => candidate === essence.trim());
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?(utf-8|us-ascii)"?$/.test(charset);
  if (type !== undefined && isUtf8) return type;
  throw new FobtwinError('unsupportedMediaType', 'The body has not a media type taken here.', {
    nextStep: `Send UTF-8 with the header "Content-Type: ${types.join('" or "')}".`,
  });
}

/** A compressed body could unfold to any size: none is taken. */
export function refuseCompressed(headers: IncomingMessage['headers']): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new FobtwinError('unsupportedMediaType', 'Compressed bodies are not taken.', {
    nextStep: 'Send the body as it is, without Content-Encoding.',
  });
}

/** The decoder puts U+FFFD where bytes were not UTF-8 (RFC 8259 section 8.1 demands UTF-8). */
function refuseBrokenText(text: string): void {
  if (text.includes('\uFFFD')) throw malformedBody('The body is not UTF-8 text.');
}

export const malformedBody = (message: string): FobtwinError =>
  new FobtwinError('malformedBody', message);

export const bodyTooLarge = (bytesMax: number): FobtwinError =>
  new FobtwinError('bodyTooLarge', `The body is larger than ${bytesMax} bytes.`);

/** The parser's errors carry the body itself: only what they say of it is taken over. */
function asProblem(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof SyntaxError) {
    return malformedBody('The body is not a JSON object, or is cut off.');
  }
  const type: unknown = Reflect.get(error, 'type');
  if (type === 'entity.too.large') return bodyTooLarge(JSON_BODY_BYTES_MAX);
  return isBrokenOff(error) || type === 'request.size.invalid'
    ? malformedBody('The body ended before its length.')
    : error;
}

const HUNG_UP = /^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_\w+)$/;

/** Whether the caller hung up, or stopped speaking HTTP, while it was sending or being answered. */
export function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && HUNG_UP.test(String(Reflect.get(error, 'code')));
}

/** Lets the rest of a body that nobody wanted pass by, up to a limit; then hangs up. */
export function discardRest(request: IncomingMessage): void {
  let left = DISCARDED_BYTES_MAX;
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
