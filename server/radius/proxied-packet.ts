import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { checkMessageAuthenticator } from './authenticity.ts';
import {
  ATTRIBUTE_HEAD_BYTES,
  ATTRIBUTE_TYPES,
  type Attribute,
  AUTHENTICATOR_AT,
  AUTHENTICATOR_BYTES,
  decodePacket,
  encodePacket,
  FIRST_VALUE_AT,
  HEADER_BYTES,
  PACKET_BYTES_MAX,
  PACKET_CODES,
} from './packet.ts';
import type { AccessReply, AccessRequest, ProxyTarget } from './port.ts';

/** A RADIUS client's packets: a request that goes on to another server, and what comes back. */

/** What only this hop knows: it is the other server's to make out. */
export interface Hop {
  /** 0 to 255. */
  readonly identifier: number;
  /** 16 bytes that nobody can foresee. */
  readonly authenticator: Uint8Array;
  /** By which a request that comes back is known. */
  readonly proxyState: Uint8Array;
}

/**
 * The request for another server: Message-Authenticator first, the password hidden with that
 * server's secret, a Proxy-State of ours last (RFC 2865 section 2.3).
 *
 * @returns undefined where there is no password to hide, or no room for what is added
 */
export function encodeProxied(
  { packet, password }: Pick<AccessRequest, 'packet' | 'password'>,
  { identifier, authenticator, proxyState }: Hop,
  secret: Uint8Array,
): Uint8Array | undefined {
  if (password === undefined) return undefined;
  const { messageAuthenticator, userPassword } = ATTRIBUTE_TYPES;
  const hidden = hidePassword(password, authenticator, secret);
  const carried = packet.attributes
    .filter(({ type }) => type !== messageAuthenticator)
    .map(({ type, value }) => ({ type, value: type === userPassword ? hidden : value }));
  const attributes: readonly Attribute[] = [
    { type: messageAuthenticator, value: new Uint8Array(AUTHENTICATOR_BYTES) },
    ...carried,
    { type: ATTRIBUTE_TYPES.proxyState, value: proxyState },
  ];
  if (bytesOf(attributes) > PACKET_BYTES_MAX) return undefined;
  const head = { code: PACKET_CODES.accessRequest, identifier };
  const bytes = encodePacket(head, authenticator, attributes);
  bytes.set(createHmac('md5', secret).update(bytes).digest(), FIRST_VALUE_AT);
  return bytes;
}

const bytesOf = (attributes: readonly Attribute[]): number =>
  attributes.reduce((sum, { value }) => sum + ATTRIBUTE_HEAD_BYTES + value.length, HEADER_BYTES);

/** RFC 2865 section 5.2: the password, filled up with zeros, under a chain of MD5 sums. */
function hidePassword(password: string, authenticator: Uint8Array, secret: Uint8Array): Uint8Array {
  const plain = Buffer.from(password);
  const blocks = Math.max(1, Math.ceil(plain.length / AUTHENTICATOR_BYTES));
  const hidden = new Uint8Array(blocks * AUTHENTICATOR_BYTES);
  let previous = authenticator;
  for (let block = 0; block < hidden.length; block += AUTHENTICATOR_BYTES) {
    const pad = createHash('md5').update(secret).update(previous).digest();
    for (let i = 0; i < AUTHENTICATOR_BYTES; i += 1) {
      hidden[block + i] = (plain[block + i] ?? 0) ^ (pad[i] ?? 0);
    }
    previous = hidden.subarray(block, block + AUTHENTICATOR_BYTES);
  }
  plain.fill(0);
  return hidden;
}

const REPLY_CODES = new Map<number, AccessReply['code']>([
  [PACKET_CODES.accessAccept, 'accessAccept'],
  [PACKET_CODES.accessReject, 'accessReject'],
  [PACKET_CODES.accessChallenge, 'accessChallenge'],
]);

/**
 * What the other server has replied; undefined for what is not its reply to this request: another
 * identifier, a response authenticator or Message-Authenticator that its secret does not make.
 */
export function readProxiedReply(
  datagram: Uint8Array,
  { identifier, authenticator }: Hop,
  { secret, requireMessageAuthenticator }: ProxyTarget,
): AccessReply | undefined {
  const packet = decodePacket(datagram);
  if (typeof packet === 'string' || packet.identifier !== identifier) return undefined;
  const code = REPLY_CODES.get(packet.code);
  if (code === undefined) return undefined;
  // Both are made over the reply with the request's authenticator in it (RFC 2865 section 3).
  const made = Uint8Array.from(packet.bytes);
  made.set(authenticator, AUTHENTICATOR_AT);
  const response = createHash('md5').update(made).update(secret).digest();
  if (!timingSafeEqual(response, packet.authenticator)) return undefined;
  const authenticity = checkMessageAuthenticator({ ...packet, bytes: made }, secret);
  const isMissed = authenticity === 'absent' && requireMessageAuthenticator;
  if (isMissed || (authenticity !== 'good' && authenticity !== 'absent')) return undefined;
  return { code, attributes: packet.attributes.filter(isPassedOn) };
}

/** Tunnel-Password, and Microsoft's keys: hidden under a secret that the client has not. */
const TUNNEL_PASSWORD = 69;
const MICROSOFT = 311;
const MPPE_KEYS: ReadonlySet<number | undefined> = new Set([16, 17]);
const VENDOR_TYPE_AT = 4;
const NOT_PASSED_ON: ReadonlySet<number> = new Set([
  ATTRIBUTE_TYPES.messageAuthenticator,
  ATTRIBUTE_TYPES.proxyState,
  TUNNEL_PASSWORD,
]);

function isPassedOn({ type, value }: Attribute): boolean {
  if (type !== ATTRIBUTE_TYPES.vendorSpecific) return !NOT_PASSED_ON.has(type);
  const isMicrosoft =
    value.length > VENDOR_TYPE_AT && Buffer.from(value).readUInt32BE() === MICROSOFT;
  return !isMicrosoft || !MPPE_KEYS.has(value[VENDOR_TYPE_AT]);
}
