/**
 * RADIUS packets as bytes (RFC 2865 section 3): what stands where, and nothing of what it means.
 * Whatever arrives is somebody else's; what is not well formed is named, never thrown.
 */

/** RFC 2865 section 3; Status-Server RFC 5997. */
export const PACKET_CODES = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accessChallenge: 11,
  statusServer: 12,
} as const;
export type PacketCodeName = keyof typeof PACKET_CODES;

/** Attribute types that fobd reads or writes (RFC 2865 section 5; 80: RFC 3579 section 3.2). */
export const ATTRIBUTE_TYPES = {
  userName: 1,
  userPassword: 2,
  chapPassword: 3,
  nasIpAddress: 4,
  replyMessage: 18,
  state: 24,
  class: 25,
  vendorSpecific: 26,
  sessionTimeout: 27,
  callingStationId: 31,
  nasIdentifier: 32,
  proxyState: 33,
  eapMessage: 79,
  messageAuthenticator: 80,
} as const;

export const HEADER_BYTES = 20;
/** RFC 2865 section 3: 20 to 4096. */
export const PACKET_BYTES_MAX = 4096;
export const AUTHENTICATOR_BYTES = 16;
export const AUTHENTICATOR_AT = 4;
/** Type and length. */
export const ATTRIBUTE_HEAD_BYTES = 2;
/** Where the value stands of the attribute that comes first. */
export const FIRST_VALUE_AT = HEADER_BYTES + ATTRIBUTE_HEAD_BYTES;
export const ATTRIBUTE_VALUE_BYTES_MAX = 253;

export interface Attribute {
  readonly type: number;
  /** 0 to 253 bytes; a view of the packet where it was decoded. */
  readonly value: Uint8Array;
}

/** An attribute where it stands in its packet. */
export interface PlacedAttribute extends Attribute {
  /** Of the value's first byte, from the packet's. */
  readonly at: number;
}

export interface Packet {
  readonly code: number;
  readonly identifier: number;
  /** 16 bytes. */
  readonly authenticator: Uint8Array;
  readonly attributes: readonly PlacedAttribute[];
  /** The packet without what a datagram may carry behind it. */
  readonly bytes: Uint8Array;
}

/** Why bytes are no packet; each is counted under its name. */
export const MALFORMATIONS = ['tooShort', 'tooLong', 'lengthLies', 'attributeLies'] as const;
export type Malformation = (typeof MALFORMATIONS)[number];

/**
 * Bytes beyond the length are padding and ignored; fewer make it no packet (RFC 2865 section 3).
 */
export function decodePacket(datagram: Uint8Array): Packet | Malformation {
  if (datagram.length < HEADER_BYTES) return 'tooShort';
  const byte = (at: number): number => datagram[at] ?? 0;
  const length = byte(2) * 256 + byte(3);
  if (length > PACKET_BYTES_MAX) return 'tooLong';
  if (length < HEADER_BYTES || length > datagram.length) return 'lengthLies';
  const bytes = length === datagram.length ? datagram : datagram.subarray(0, length);
  const attributes = decodeAttributes(bytes);
  if (attributes === undefined) return 'attributeLies';
  return {
    code: byte(0),
    identifier: byte(1),
    authenticator: bytes.subarray(AUTHENTICATOR_AT, HEADER_BYTES),
    attributes,
    bytes,
  };
}

/** At most 2,038 of them: each takes two bytes at least of a packet that has 4096. */
function decodeAttributes(bytes: Uint8Array): readonly PlacedAttribute[] | undefined {
  const attributes: PlacedAttribute[] = [];
  let place = HEADER_BYTES;
  while (place < bytes.length) {
    const type = bytes[place];
    const length = bytes[place + 1];
    if (type === undefined || length === undefined) return undefined;
    if (length < ATTRIBUTE_HEAD_BYTES || place + length > bytes.length) return undefined;
    const at = place + ATTRIBUTE_HEAD_BYTES;
    attributes.push({ type, at, value: bytes.subarray(at, place + length) });
    place += length;
  }
  return attributes;
}

/** The attributes of one type, in order. */
export const attributesOf = (
  { attributes }: Pick<Packet, 'attributes'>,
  type: number,
): readonly PlacedAttribute[] => attributes.filter((attribute) => attribute.type === type);

/** The attribute of a type that may come once; undefined where there is none. */
export function soleOf(
  { attributes }: Pick<Packet, 'attributes'>,
  type: number,
): PlacedAttribute | 'twice' | undefined {
  let sole: PlacedAttribute | undefined;
  for (const attribute of attributes) {
    if (attribute.type !== type) continue;
    if (sole !== undefined) return 'twice';
    sole = attribute;
  }
  return sole;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A text is UTF-8 (RFC 2865 section 5); undefined for what is not, or has a zero in it. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * A packet with `authenticator` as it stands: what signs it comes after (`authenticity.ts`).
 *
 * @throws RangeError when a value has more than 253 bytes or the packet more than 4096
 */
export function encodePacket(
  { code, identifier }: Pick<Packet, 'code' | 'identifier'>,
  authenticator: Uint8Array,
  attributes: readonly Attribute[],
): Buffer {
  const length = attributes.reduce(
    (sum, { value }) => sum + ATTRIBUTE_HEAD_BYTES + value.length,
    HEADER_BYTES,
  );
  if (length > PACKET_BYTES_MAX) {
    throw new RangeError(`a RADIUS packet has at most ${PACKET_BYTES_MAX} bytes, not ${length}`);
  }
  // Of Node's pool, and every byte is written: a buffer of its own costs a multiple.
  const bytes = Buffer.allocUnsafe(length);
  bytes[0] = code;
  bytes[1] = identifier;
  bytes.writeUInt16BE(length, 2);
  bytes.set(authenticator, AUTHENTICATOR_AT);
  let place = HEADER_BYTES;
  for (const { type, value } of attributes) {
    if (value.length > ATTRIBUTE_VALUE_BYTES_MAX) {
      throw new RangeError(`a RADIUS attribute has at most ${ATTRIBUTE_VALUE_BYTES_MAX} bytes`);
    }
    bytes[place] = type;
    bytes[place + 1] = ATTRIBUTE_HEAD_BYTES + value.length;
    bytes.set(value, place + ATTRIBUTE_HEAD_BYTES);
    place += ATTRIBUTE_HEAD_BYTES + value.length;
  }
  return bytes;
}
