import { createHmac } from 'node:crypto';
import { equalText } from '../verification/equal.ts';

/**
 * What holds fobd and its provider of questions to their word: every request and every reply is
 * signed by HMAC-SHA-256 under a key that both have (PROVIDER.md). A reply's signature covers the
 * request's id, so that no reply passes for another's.
 */

export const TIMESTAMP_HEADER = 'fobd-timestamp';
export const REQUEST_ID_HEADER = 'fobd-request-id';
export const SIGNATURE_HEADER = 'fobd-signature';

/** How far a timestamp may be from the reader's own clock. */
export const REPLAY_SECONDS = 300;

export interface SignedRequest {
  readonly method: string;
  /** With the query, as it stands in the request line. */
  readonly path: string;
  /** Unix time in whole seconds, decimal. */
  readonly timestamp: string;
  /** 32 lower-case hexadecimal digits, another for each request. */
  readonly requestId: string;
  readonly body: Uint8Array | string;
}

export interface SignedReply {
  readonly status: number;
  readonly timestamp: string;
  /** Of the request that it answers. */
  readonly requestId: string;
  readonly body: Uint8Array | string;
}

/** `v1=` and 64 lower-case hexadecimal digits. */
export const requestSignature = (
  { method, path, timestamp, requestId, body }: SignedRequest,
  key: Uint8Array,
): string => signed(['fobd-proofing-request', method, path, timestamp, requestId], body, key);

export const replySignature = (
  { status, timestamp, requestId, body }: SignedReply,
  key: Uint8Array,
): string => signed(['fobd-proofing-reply', String(status), timestamp, requestId], body, key);

/** A line each, none of which has a line feed in it, and then the body. */
function signed(lines: readonly string[], body: Uint8Array | string, key: Uint8Array): string {
  const mac = createHmac('sha256', key)
    .update(`${lines.join('\n')}\n`)
    .update(body);
  return `v1=${mac.digest('hex')}`;
}

/** In constant time. @param given what a header said; an absent or a repeated one is none */
export const isSignature = (given: unknown, expected: string): boolean =>
  typeof given === 'string' && equalText(given, expected);

/** Whether a timestamp is one of now, give or take `REPLAY_SECONDS`. */
export function isCurrent(timestamp: unknown, nowMillis: number): boolean {
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(Number(timestamp) - nowMillis / 1000) <= REPLAY_SECONDS;
}

export const timestampOf = (nowMillis: number): string => String(Math.floor(nowMillis / 1000));
