import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import {
  ATTRIBUTE_TYPES,
  type Attribute,
  AUTHENTICATOR_AT,
  AUTHENTICATOR_BYTES,
  decodeText,
  encodePacket,
  FIRST_VALUE_AT,
  type Packet,
  soleOf,
} from './packet.ts';

/**
 * What a RADIUS packet's shared secret proves and hides. MD5 is the protocol's, not a choice: what
 * makes it bear weight today is the Message-Authenticator, first in every reply and required of
 * every client that has not opted out (Blast-RADIUS, CVE-2024-3596).
 */

const MESSAGE_AUTHENTICATOR_BYTES = 16;
/** What stands for it while it is computed. */
const BLANK = new Uint8Array(MESSAGE_AUTHENTICATOR_BYTES);

/** `twice` and `malformed` are nobody's honest packet (RFC 3579 section 3.2). */
export type Authenticity = 'good' | 'bad' | 'absent' | 'twice' | 'malformed';

/** Where one is laid out that a request's is compared with. */
const wanted = Buffer.alloc(MESSAGE_AUTHENTICATOR_BYTES);

/** Whether a request's Message-Authenticator is the one that `secret` makes (RFC 3579 3.2). */
export function checkMessageAuthenticator(packet: Packet, secret: Uint8Array): Authenticity {
  const found = soleOf(packet, ATTRIBUTE_TYPES.messageAuthenticator);
  if (found === undefined) return 'absent';
  if (found === 'twice') return 'twice';
  if (found.value.length !== MESSAGE_AUTHENTICATOR_BYTES) return 'malformed';
  const blanked = Buffer.from(packet.bytes);
  blanked.set(BLANK, found.at);
  wanted.write(hmacOf(blanked, secret), 'latin1');
  return timingSafeEqual(wanted, found.value) ? 'good' : 'bad';
}

export interface Reply {
  readonly code: number;
  /** Without Message-Authenticator, which comes first by itself. */
  readonly attributes: readonly Attribute[];
}

/**
 * The reply to `request`: Message-Authenticator first, over the request's authenticator (RFC 3579
 * section 3.2), then the response authenticator over everything (RFC 2865 section 3).
 */
export function signReply(reply: Reply, request: Packet, secret: Uint8Array): Uint8Array {
  const first = { type: ATTRIBUTE_TYPES.messageAuthenticator, value: BLANK };
  const { code } = reply;
  const { identifier, authenticator } = request;
  const bytes = encodePacket({ code, identifier }, authenticator, [first, ...reply.attributes]);
  bytes.write(hmacOf(bytes, secret), FIRST_VALUE_AT, 'latin1');
  bytes.write(md5Of(bytes, secret), AUTHENTICATOR_AT, 'latin1');
  return bytes;
}

/** As text of a character a byte, as what follows: a buffer costs a multiple of it. */
const hmacOf = (bytes: Uint8Array, secret: Uint8Array): string =>
  createHmac('md5', secret).update(bytes).digest('binary');

const md5Of = (first: Uint8Array, second: Uint8Array): string =>
  hash('md5', Buffer.concat([first, second]), 'binary');

/** RFC 2865 section 5.2: 16 to 128 bytes, a multiple of 16. */
const PASSWORD_BYTES_MAX = 128;
/** Where one is opened, wiped as soon as it has been read. */
const opened = Buffer.alloc(PASSWORD_BYTES_MAX);

/**
 * The text in User-Password; `undefined` when it is not of the form, or not UTF-8 once it is open:
 * then the secrets differ.
 */
export function revealPassword(hidden: Uint8Array, packet: Packet, secret: Uint8Array) {
  const { length } = hidden;
  if (length === 0 || length > PASSWORD_BYTES_MAX || length % AUTHENTICATOR_BYTES !== 0) {
    return undefined;
  }
  let previous = packet.authenticator;
  for (let block = 0; block < length; block += AUTHENTICATOR_BYTES) {
    const pad = md5Of(secret, previous);
    for (let i = 0; i < AUTHENTICATOR_BYTES; i += 1) {
      opened[block + i] = (hidden[block + i] ?? 0) ^ pad.charCodeAt(i);
    }
    previous = hidden.subarray(block, block + AUTHENTICATOR_BYTES);
  }
  const text = decodeText(unfilled(opened, length));
  opened.fill(0);
  return text;
}

/** Without the zeros that fill the last block up. */
function unfilled(bytes: Uint8Array, length: number): Uint8Array {
  let end = length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
