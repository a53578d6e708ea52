import { expect } from 'chai';
import { createIntake } from '../../../server/radius/intake.ts';
import { PACKET_CODES } from '../../../server/radius/packet.ts';
import {
  attribute,
  makeCrowdedRequest,
  makeRequest,
  readReply,
} from '../../support/radius-packets.ts';
import {
  type ClientSocket,
  clientAt,
  type Listening,
  openClient,
  SECRET,
  startListening,
} from './listening.ts';

describe('radius: replies that do not fit beside the Proxy-State', () => {
  let listening: Listening;
  let socket: ClientSocket;

  beforeEach(async () => {
    listening = await startListening({ clients: [clientAt('127.0.0.1')] });
    socket = await openClient();
  });
  afterEach(async () => {
    socket.close();
    await listening.close();
  });

  const refused: readonly (readonly [string, readonly ReturnType<typeof attribute>[]])[] = [
    ['CHAP', [attribute(3, new Uint8Array(17))]],
    ['EAP', [attribute(79, '')]],
    ['a second State', [attribute(24, ''), attribute(24, '')]],
  ];
  for (const [what, attributes] of refused) {
    it(`refuses ${what} without a word, and goes on`, async () => {
      const wishes = { secret: SECRET, userName: null, password: null, attributes };
      const request = makeCrowdedRequest(wishes);
      expect(request).to.have.length(4096);
      await socket.send(request, listening.port);
      const reply = readReply(await socket.next(), request, SECRET);
      expect(reply.code).to.equal(PACKET_CODES.accessReject);
      expect(listening.count('accessReject')).to.equal(1);
      const next = makeRequest({ secret: SECRET });
      await socket.send(next, listening.port);
      expect(readReply(await socket.next(), next, SECRET).code).to.equal(PACKET_CODES.accessAccept);
    });
  }

  it('answers nothing where not even a bare refusal fits, and goes on', async () => {
    // TLS allows a request without Message-Authenticator; the reply has one.
    const client = clientAt('127.0.0.1');
    const sent: Uint8Array[] = [];
    const counts: string[] = [];
    const intake = createIntake({
      limits: listening.options.limits,
      answer: async () => ({ code: 'accessAccept', attributes: [] }),
      elapsedMillis: () => performance.now(),
      log: () => undefined,
      observe: (result) => void counts.push(result),
    });
    const secret = new TextEncoder().encode('radsec');
    const origin = { client, secret, source: '127.0.0.1', from: 'tls 1', isOverTls: true };
    const from = { ...origin, send: (reply: Uint8Array) => void sent.push(reply) };
    for (const userName of ['jennifer', null]) {
      const wishes = { secret, signed: false, userName, password: null };
      await intake.receive(makeCrowdedRequest(wishes), from);
    }
    expect(counts).to.deep.equal(['failed', 'failed']);
    expect(sent).to.deep.equal([]);
    expect(intake.underWay()).to.equal(0);
  });
});
