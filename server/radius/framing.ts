import { HEADER_BYTES, PACKET_BYTES_MAX } from './packet.ts';

/** Packets in a stream (RFC 6613 section 2.1): each says itself how long it is. */
export interface Framing {
  /**
   * Gives each packet that is whole to `onPacket`, until that says false; bytes of one that is not
   * are kept, 4095 at most. A length that no packet has ends it: nothing behind it can be found.
   */
  push(chunk: Uint8Array): 'good' | 'lengthLies' | 'tooLong';
}

/** Code, identifier and length. */
const LENGTH_KNOWN_AT = 4;

export function createFraming(onPacket: (packet: Uint8Array) => boolean): Framing {
  let kept = Buffer.alloc(0);
  return {
    push(chunk) {
      const bytes = kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([kept, chunk]);
      let place = 0;
      while (bytes.length - place >= LENGTH_KNOWN_AT) {
        const length = bytes.readUInt16BE(place + 2);
        if (length < HEADER_BYTES) return 'lengthLies';
        if (length > PACKET_BYTES_MAX) return 'tooLong';
        if (bytes.length - place < length) break;
        const goesOn = onPacket(bytes.subarray(place, place + length));
        place += length;
        if (!goesOn) return 'good';
      }
      kept = Buffer.from(bytes.subarray(place));
      return 'good';
    },
  };
}
