import { expect } from 'chai';
import { PACKET_CODES } from '../../../server/radius/packet.ts';
import type { PacketResult } from '../../../server/radius/results.ts';
import {
  attribute,
  makeRequest,
  makeStatusServer,
  readReply,
} from '../../support/radius-packets.ts';
import {
  type ClientSocket,
  clientAt,
  type Listening,
  openClient,
  reply,
  SECRET,
  startListening,
} from './listening.ts';

const OTHER = new TextEncoder().encode('not the secret');

/** The length that the header says. */
function saying(bytes: Uint8Array, length: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  new DataView(changed.buffer).setUint16(2, length);
  return changed;
}

/** With these bytes behind, and the length right. */
const behind = (bytes: Uint8Array, more: readonly number[]): Uint8Array =>
  saying(Uint8Array.from([...bytes, ...more]), bytes.length + more.length);

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

const good = (): Uint8Array => makeRequest({ secret: SECRET });
const unsigned = (type?: number): Uint8Array =>
  makeRequest({
    secret: SECRET,
    signed: false,
    attributes: type === undefined ? [] : [attribute(type, 'x')],
  });

/** From a client that must sign, and from one that need not. */
const MUST = '127.0.0.1';
const NEED_NOT = '127.0.0.2';

const DROPPED: readonly (readonly [string, string, () => Uint8Array, PacketResult])[] = [
  ['nothing', MUST, () => new Uint8Array(), 'tooShort'],
  ['a byte', MUST, () => Uint8Array.of(1), 'tooShort'],
  ['a header cut off', MUST, () => good().subarray(0, 19), 'tooShort'],
  ['a length over the datagram', MUST, () => saying(good(), 500), 'lengthLies'],
  ['a length under the header', MUST, () => saying(good(), 19), 'lengthLies'],
  ['a length over 4096', MUST, () => saying(new Uint8Array(6000), 4097), 'tooLong'],
  ['a length of 65535', MUST, () => saying(good(), 65_535), 'tooLong'],
  ['a truncated attribute', MUST, () => behind(good(), [32, 9, 1]), 'attributeLies'],
  ['an attribute of length 0', MUST, () => behind(good(), [32, 0]), 'attributeLies'],
  ['an attribute of length 1', MUST, () => behind(good(), [32, 1]), 'attributeLies'],
  ['half an attribute head', MUST, () => behind(good(), [32]), 'attributeLies'],
  ['a reply', MUST, () => makeRequest({ secret: SECRET, code: 2 }), 'unsupportedCode'],
  ['accounting', MUST, () => makeRequest({ secret: SECRET, code: 4 }), 'unsupportedCode'],
  ['code 0', MUST, () => makeRequest({ secret: SECRET, code: 0 }), 'unsupportedCode'],
  ['a wrong secret', MUST, () => makeRequest({ secret: OTHER }), 'authenticatorBad'],
  ['a wrong secret', NEED_NOT, () => makeRequest({ secret: OTHER }), 'authenticatorBad'],
  ['a changed authenticator', MUST, () => flipped(good(), 5), 'authenticatorBad'],
  ['a changed User-Name', MUST, () => flipped(good(), 41), 'authenticatorBad'],
  ['an attribute put behind', MUST, () => behind(good(), [32, 3, 65]), 'authenticatorBad'],
  ['no Message-Authenticator', MUST, () => unsigned(), 'authenticatorAbsent'],
  [
    'two of them',
    MUST,
    () => behind(good(), [80, 18, ...new Uint8Array(16)]),
    'authenticatorTwice',
  ],
  ['a short one', MUST, () => behind(unsigned(), [80, 6, 1, 2, 3, 4]), 'authenticatorMalformed'],
  ['unsigned Proxy-State', NEED_NOT, () => unsigned(33), 'unprotectedProxyState'],
  ['unsigned EAP', NEED_NOT, () => unsigned(79), 'unprotectedEap'],
  [
    'unsigned Status-Server',
    NEED_NOT,
    () => makeStatusServer(SECRET, { signed: false }),
    'authenticatorAbsent',
  ],
  ['Status-Server with a wrong secret', MUST, () => makeStatusServer(OTHER), 'authenticatorBad'],
  [
    '2,038 empty attributes',
    MUST,
    () => behind(new Uint8Array(20).fill(1, 0, 1), Array(2038).fill([26, 2]).flat()),
    'authenticatorAbsent',
  ],
  ['a stranger', '127.9.9.9', good, 'unknownClient'],
  ['a stranger with Status-Server', '127.9.9.9', () => makeStatusServer(SECRET), 'unknownClient'],
];

describe('radius: hostile packets', () => {
  let listening: Listening;
  let asked = 0;
  const sockets: ClientSocket[] = [];

  before(async () => {
    listening = await startListening({
      clients: [clientAt(MUST), clientAt(NEED_NOT, { requireMessageAuthenticator: false })],
      answer: async () => {
        asked += 1;
        return reply('accessAccept');
      },
    });
  });
  after(async () => {
    for (const socket of sockets) socket.close();
    await listening.close();
  });
  beforeEach(() => {
    asked = 0;
    listening.counts.clear();
  });

  async function openFrom(address: string): Promise<ClientSocket> {
    const socket = await openClient(address);
    sockets.push(socket);
    return socket;
  }

  for (const [what, from, bytes, result] of DROPPED) {
    it(`drops ${what} from ${from} as ${result}, answers nothing, and goes on`, async () => {
      const socket = await openFrom(from);
      await socket.send(bytes(), listening.port, '127.0.0.1');
      await listening.counted(1);
      expect([...listening.counts]).to.deep.equal([[result, 1]]);
      // What is asked next is answered, and it is the only answer.
      const honest = await openFrom(MUST);
      const request = good();
      await honest.send(request, listening.port);
      expect(readReply(await honest.next(), request, SECRET).code).to.equal(2);
      expect(socket.unread).to.equal(0);
      expect(asked).to.equal(1);
      expect(listening.server.underWay()).to.equal(0);
    });
  }

  const FILLED = new Uint8Array(253);
  const kept: readonly (readonly [string, () => Uint8Array])[] = [
    ['padding behind the packet', () => Uint8Array.from([...good(), ...new Uint8Array(9000)])],
    [
      'a packet of 4096 bytes',
      () => {
        const attributes = Array(15).fill(attribute(26, FILLED));
        const rest = 4096 - makeRequest({ secret: SECRET, attributes }).length - 2;
        attributes.push(attribute(26, new Uint8Array(rest)));
        const bytes = makeRequest({ secret: SECRET, attributes });
        expect(bytes).to.have.length(4096);
        return bytes;
      },
    ],
    [
      'a flood of attributes that is signed',
      () => makeRequest({ secret: SECRET, attributes: Array(2000).fill(attribute(26, '')) }),
    ],
  ];
  for (const [what, bytes] of kept) {
    it(`answers ${what}`, async () => {
      const socket = await openFrom(MUST);
      const request = bytes();
      await socket.send(request, listening.port);
      expect(readReply(await socket.next(), request, SECRET).code).to.equal(
        PACKET_CODES.accessAccept,
      );
    });
  }

  it('logs nothing of all this but at the lowest level', () => {
    expect(listening.logged).to.deep.equal([]);
  });
});
