import { createHash } from 'node:crypto';
import { expect } from 'chai';
import {
  checkMessageAuthenticator,
  revealPassword,
  signReply,
} from '../../../server/radius/authenticity.ts';
import { attributesOf, decodePacket, type Packet } from '../../../server/radius/packet.ts';

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

function packetOf(bytes: Uint8Array): Packet {
  const packet = decodePacket(bytes);
  if (typeof packet === 'string') throw new Error(packet);
  return packet;
}

const SECRET = new TextEncoder().encode('xyzzy5461');

/** RFC 2865 section 7.1: user nemo logs in with the password arctangent. */
const NEMO = bytesOf(`
  01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be 70 8d
  93 d4 13 ce 31 96 e4 3f 78 2a 0a ee 04 06 c0 a8 01 10 05 06 00 00 00 03`);

/** RFC 5997 section 6.1: a Status-Server request with its Message-Authenticator. */
const STATUS = bytesOf(`
  0c da 00 26 8a 54 f4 68 6f b3 94 c5 28 66 e3 02 18 5d 06 23 50 12 5a 66 5e 2e 1e 84 11 f3 e2 43
  82 20 97 c8 4f a3`);

describe('radius: authenticity', () => {
  it("reads the password of RFC 2865's example", () => {
    const packet = packetOf(NEMO);
    const [hidden] = attributesOf(packet, 2);
    expect(revealPassword(hidden?.value ?? new Uint8Array(), packet, SECRET)).to.equal(
      'arctangent',
    );
  });

  it('does not take a password of a wrong length, or one that another secret hid, for text', () => {
    const packet = packetOf(NEMO);
    for (const length of [0, 1, 15, 17, 144, 253]) {
      expect(revealPassword(new Uint8Array(length), packet, SECRET), `${length}`).to.equal(
        undefined,
      );
    }
    const [hidden] = attributesOf(packet, 2);
    const other = new TextEncoder().encode('another');
    expect(revealPassword(hidden?.value ?? new Uint8Array(), packet, other)).not.to.equal(
      'arctangent',
    );
  });

  it("finds RFC 5997's Message-Authenticator good, and bad once a bit has changed", () => {
    expect(checkMessageAuthenticator(packetOf(STATUS), SECRET)).to.equal('good');
    for (let bit = 32; bit < STATUS.length * 8; bit += 1) {
      const changed = Uint8Array.from(STATUS);
      const at = Math.floor(bit / 8);
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
      const packet = decodePacket(changed);
      const verdict =
        typeof packet === 'string' ? packet : checkMessageAuthenticator(packet, SECRET);
      expect(verdict, `bit ${bit}`).not.to.equal('good');
    }
    expect(checkMessageAuthenticator(packetOf(NEMO), SECRET)).to.equal('absent');
  });

  it('refuses two of them, and one that is too short', () => {
    const twice = Uint8Array.from([...STATUS, ...STATUS.subarray(20)]);
    twice[3] = twice.length;
    expect(checkMessageAuthenticator(packetOf(twice), SECRET)).to.equal('twice');
    const short = Uint8Array.from([...STATUS.subarray(0, 20), 80, 6, 1, 2, 3, 4]);
    short[3] = short.length;
    expect(checkMessageAuthenticator(packetOf(short), SECRET)).to.equal('malformed');
  });

  it('signs a reply with Message-Authenticator first, as a client verifies it', () => {
    const request = packetOf(NEMO);
    const proxyState = { type: 33, value: Uint8Array.from([1, 2, 3]) };
    const bytes = signReply({ code: 2, attributes: [proxyState] }, request, SECRET);
    const reply = packetOf(bytes);
    expect(reply.identifier).to.equal(request.identifier);
    expect(reply.attributes.map(({ type }) => type)).to.deep.equal([80, 33]);

    // RFC 2865 section 3: MD5(Code+ID+Length+RequestAuth+Attributes+Secret).
    const asSigned = Uint8Array.from(bytes);
    asSigned.set(request.authenticator, 4);
    const wanted = createHash('md5').update(asSigned).update(SECRET).digest();
    expect(Buffer.from(reply.authenticator).equals(wanted)).to.equal(true);
    const overRequest = packetOf(asSigned);
    expect(checkMessageAuthenticator(overRequest, SECRET)).to.equal('good');
  });
});
