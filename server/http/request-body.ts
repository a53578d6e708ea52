import type { IncomingMessage } from 'node:http';
import { FobtwinError } from '../../shared/errors.ts';

/** Bytes of a JSON body; the largest that makes sense is far smaller. */
export const JSON_BODY_BYTES_MAX = 64 * 1024;

/**
 * Bytes read and thrown away after a reply that did not wait for its body: enough that a client
 * which sends everything before it reads still gets the reply, and no more.
 */
export const DISCARDED_BYTES_MAX = 8 * 1024 * 1024;

const JSON_TYPE = 'application/json';
const NO_TEXT = Promise.resolve('');

/**
 * The JSON text of a request, for `parseJson`; empty where there is no body at all.
 *
 * Read by hand: without a parser for every encoding, and with `Sender`, a verify costs a tenth
 * less.
 *
 * @throws FobtwinError `unsupportedMediaType`; as a rejection `bodyTooLarge`, `malformedBody`
 */
export function readJsonText(request: IncomingMessage): Promise<string> {
  const { headers } = request;
  if (isAbsent(request)) return NO_TEXT;
  if (headers['content-type'] !== JSON_TYPE) requireMediaType(headers, [JSON_TYPE]);
  refuseCompressed(headers);
  return collect(request, JSON_BODY_BYTES_MAX, textOf);
}

/**
 * The bytes of a body as they came, for one whose signature is over them.
 *
 * @throws FobtwinError (as a rejection) `bodyTooLarge`, `malformedBody` when it breaks off
 */
export const readBytes = (request: IncomingMessage, bytesMax: number): Promise<Buffer> =>
  collect(request, bytesMax, (bytes) => bytes);

/** What `read` makes of all of a body. One too large is left where it stands, for `discardRest`. */
function collect<T>(
  request: IncomingMessage,
  bytesMax: number,
  read: (bytes: Buffer) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw bodyTooLarge(bytesMax);
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= bytesMax) return;
      request.off('data', onData);
      request.pause();
      reject(bodyTooLarge(bytesMax));
    };
    request.on('data', onData);
    request.on('end', () => {
      const [first] = chunks;
      try {
        resolve(read(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', (error) => {
      reject(isBrokenOff(error) ? malformedBody('The body ended before its length.') : error);
    });
  });
}

const BYTE_ORDER_MARK = '\uFEFF';
/** What the decoder puts where bytes were not UTF-8, which RFC 8259 section 8.1 demands. */
const REPLACEMENT = '\uFFFD';

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (text.includes(REPLACEMENT)) throw malformedBody('The body is not UTF-8 text.');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}

const escapable = (character: string): string => {
  const code = character.charCodeAt(0).toString(16).replace('f', '[fF]');
  return `(?:${character}|\\\\u00${code})`;
};
/** As a key it could become the prototype of what the object is copied into. */
const PROTOTYPE_KEY = new RegExp(`"${[...'__proto__'].map(escapable).join('')}"\\s*:`);

/**
 * The object or list that a text is; none at all reads as an empty object.
 *
 * @throws FobtwinError `malformedBody`
 */
export function parseJson(text: string): object {
  if (text === '') return {};
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || PROTOTYPE_KEY.test(text)) throw noObject();
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What JSON.parse says quotes the body: it is not passed on.
    throw noObject();
  }
}

const noObject = (): FobtwinError => malformedBody('The body is not a JSON object, or is cut off.');

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

export const malformedBody = (message: string): FobtwinError =>
  new FobtwinError('malformedBody', message);

export const bodyTooLarge = (bytesMax: number): FobtwinError =>
  new FobtwinError('bodyTooLarge', `The body is larger than ${bytesMax} bytes.`);

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
