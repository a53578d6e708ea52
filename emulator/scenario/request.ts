import { FobtwinError } from '../../shared/errors.ts';
import { expectText } from './answer-text.ts';
import { textOf } from './codes.ts';
import type { ArgumentOf } from './commands.ts';
import { type Checked, isMismatch, type Mismatch } from './mismatch.ts';
import type { World } from './world.ts';

/** HTTP to a server that is not fobd, and its expected answer. */

export const TIME_LIMIT_MILLIS = 10_000;
const ANSWER_BYTES_MAX = 1024 * 1024;

export interface RequestContext {
  readonly world: World;
  /** The token that the request's expressions are about. */
  readonly part: string;
  /** Default: only this computer is asked. */
  readonly allowRemote: boolean;
  readonly signal: AbortSignal;
}

/** Redirects are answers: following one could lead away from this computer. */
export async function sendRequest(
  request: ArgumentOf<'request'>,
  { world, part, allowRemote, signal }: RequestContext,
): Promise<Checked> {
  const texts = await filled(request, part, world);
  if (isMismatch(texts)) return texts;
  const url = addressOf(texts.url, allowRemote);
  const limit = AbortSignal.timeout(request['time-limit'] ?? TIME_LIMIT_MILLIS);
  const { status, body } = await fetched(url, {
    method: request.method,
    headers: texts.headers,
    redirect: 'manual',
    signal: AbortSignal.any([limit, signal]),
    ...(texts.body === undefined ? {} : { body: texts.body }),
  });
  const { expect } = request;
  if (expect.status !== undefined && expect.status !== status) {
    return { expected: `status ${expect.status}`, seen: `status ${status}` };
  }
  return expectText(body, expect, 'an answer');
}

interface Filled {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

async function filled(
  { url, headers = {}, body }: ArgumentOf<'request'>,
  part: string,
  world: World,
): Promise<Filled | Mismatch> {
  const address = await textOf(url, part, world);
  if (isMismatch(address)) return address;
  const values: Record<string, string> = {};
  for (const [name, template] of Object.entries(headers)) {
    const value = await textOf(template, part, world);
    if (isMismatch(value)) return value;
    values[name] = value;
  }
  if (body === undefined) return { url: address, headers: values };
  const text = await textOf(body, part, world);
  return isMismatch(text) ? text : { url: address, headers: values, body: text };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @throws FobtwinError `invalidInput` for no address, `forbidden` for another computer's */
function addressOf(text: string, allowRemote: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new FobtwinError(
      'invalidInput',
      'url takes an address that begins with http:// or https://',
    );
  }
  if (allowRemote || LOOPBACK.test(url.hostname)) return url;
  throw new FobtwinError('forbidden', `${url.hostname} is another computer`, {
    nextStep: 'Say --allow-remote if this scenario may speak to it.',
  });
}

async function fetched(
  url: URL,
  init: RequestInit,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, body: await bodyOf(response) };
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    const why = init.signal?.aborted === true ? 'did not answer in time' : 'cannot be reached';
    throw new FobtwinError('unavailable', `${url.host} ${why}`, { cause: error });
  }
}

async function bodyOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) {
      throw new FobtwinError('bodyTooLarge', `The answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
