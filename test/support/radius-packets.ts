import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  ATTRIBUTE_HEAD_BYTES,
  ATTRIBUTE_TYPES,
  ATTRIBUTE_VALUE_BYTES_MAX,
  type Attribute,
  decodePacket,
  encodePacket,
  PACKET_BYTES_MAX,
  PACKET_CODES,
  type Packet,
} from '../../server/radius/packet.ts';

/** RADIUS as a client speaks it: requests made, and replies verified. */

export interface RequestWishes {
  readonly secret: Uint8Array;
  /** Default 1. */
  readonly identifier?: number;
  /** Default random. */
  readonly authenticator?: Uint8Array;
  /** Default: Access-Request. */
  readonly code?: number;
  /** Default `jennifer`; null for none. */
  readonly userName?: string | Uint8Array | null;
  /** Default `123456`; null for none. */
  readonly password?: string | null;
  /** Behind the others. */
  readonly attributes?: readonly Attribute[];
  /** Default true. */
  readonly signed?: boolean;
}

export const attribute = (type: number, value: string | Uint8Array): Attribute => ({
  type,
  value: typeof value === 'string' ? new TextEncoder().encode(value) : value,
});

export function makeRequest(wishes: RequestWishes): Uint8Array {
  const { secret, identifier = 1, signed = true, attributes = [] } = wishes;
  const { code = PACKET_CODES.accessRequest, userName = 'jennifer', password = '123456' } = wishes;
  const authenticator = wishes.authenticator ?? randomBytes(16);
  const all = [
    ...(signed ? [attribute(ATTRIBUTE_TYPES.messageAuthenticator, new Uint8Array(16))] : []),
    ...(userName === null ? [] : [attribute(ATTRIBUTE_TYPES.userName, userName)]),
    ...(password === null
      ? []
      : [attribute(ATTRIBUTE_TYPES.userPassword, hidePassword(password, authenticator, secret))]),
    ...attributes,
  ];
  const bytes = encodePacket({ code, identifier }, authenticator, all);
  if (signed) bytes.set(createHmac('md5', secret).update(bytes).digest(), 22);
  return bytes;
}

/** Filled up to 4096 bytes with Proxy-State, which has to come back whole. */
export function makeCrowdedRequest(wishes: RequestWishes): Uint8Array {
  const attributes = [...(wishes.attributes ?? [])];
  let room = PACKET_BYTES_MAX - makeRequest(wishes).length;
  while (room >= ATTRIBUTE_HEAD_BYTES) {
    const most = Math.min(room, ATTRIBUTE_HEAD_BYTES + ATTRIBUTE_VALUE_BYTES_MAX);
    // No attribute has one byte: what is left of the room has to be none or two at least.
    const length = room - most === 1 ? most - 1 : most;
    const value = new Uint8Array(length - ATTRIBUTE_HEAD_BYTES);
    attributes.push(attribute(ATTRIBUTE_TYPES.proxyState, value));
    room -= length;
  }
  return makeRequest({ ...wishes, attributes });
}

export const makeStatusServer = (secret: Uint8Array, wishes: Partial<RequestWishes> = {}) =>
  makeRequest({
    secret,
    code: PACKET_CODES.statusServer,
    userName: null,
    password: null,
    ...wishes,
  });

/** RFC 2865 section 5.2. */
export function hidePassword(
  password: string,
  authenticator: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  const text = Buffer.from(password);
  const hidden = Buffer.alloc(Math.max(16, Math.ceil(text.length / 16) * 16));
  text.copy(hidden);
  let previous = authenticator;
  for (let block = 0; block < hidden.length; block += 16) {
    const pad = createHash('md5').update(secret).update(previous).digest();
    for (let i = 0; i < 16; i += 1) {
      hidden[block + i] = (hidden[block + i] ?? 0) ^ (pad[i] ?? 0);
    }
    previous = hidden.subarray(block, block + 16);
  }
  return hidden;
}

/**
 * The reply to `request`, both of whose authenticators are good.
 *
 * @throws Error that says what a client would find wrong with it
 */
export function readReply(reply: Uint8Array, request: Uint8Array, secret: Uint8Array): Packet {
  const packet = decodePacket(reply);
  if (typeof packet === 'string') throw new Error(`the reply is no packet: ${packet}`);
  if (packet.identifier !== request[1]) throw new Error('the reply is to another request');
  const signed = Buffer.from(reply);
  signed.set(request.subarray(4, 20), 4);
  const wanted = createHash('md5').update(signed).update(secret).digest();
  if (!wanted.equals(packet.authenticator)) throw new Error('the response authenticator is wrong');
  const [first] = packet.attributes;
  if (first?.type !== ATTRIBUTE_TYPES.messageAuthenticator) {
    throw new Error('Message-Authenticator is not the first attribute');
  }
  signed.fill(0, first.at, first.at + 16);
  const proof = createHmac('md5', secret).update(signed).digest();
  if (!proof.equals(first.value)) throw new Error('Message-Authenticator is wrong');
  return packet;
}
