import { expect } from 'chai';
import { PACKET_CODES } from '../../../server/radius/packet.ts';
import type { AccessRequest, Answer } from '../../../server/radius/port.ts';
import { ipv6OrSkip } from '../../support/ipv6.ts';
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
import { peerCodec } from './peer-codec.ts';

const SECRET_TEXT = new TextDecoder().decode(SECRET);

describe('radius: server over UDP', () => {
  let listening: Listening;
  let client: ClientSocket;
  let asked: AccessRequest[];
  let answer: Answer;

  beforeEach(async () => {
    asked = [];
    answer = async () => reply('accessAccept', attribute(18, 'Welcome'));
    listening = await startListening({
      clients: [
        clientAt('127.0.0.1', { name: 'gateway' }),
        clientAt('127.0.0.0/24', { name: 'pam', requireMessageAuthenticator: false }),
      ],
      answer: (request) => {
        asked.push(request);
        return answer(request);
      },
    });
    client = await openClient();
  });
  afterEach(async () => {
    client.close();
    await listening.close();
  });

  async function ask(request: Uint8Array, from = client) {
    await from.send(request, listening.port, '127.0.0.1');
    return readReply(await from.next(), request, SECRET);
  }

  it('hands on who asks for what, and brings the reply back', async () => {
    const request = makeRequest({
      secret: SECRET,
      userName: 'Zoë',
      password: 'a password of more than sixteen bytes',
      attributes: [attribute(24, 'state'), attribute(32, 'nas')],
    });
    const packet = await ask(request);
    expect(packet.code).to.equal(PACKET_CODES.accessAccept);
    expect(packet.attributes.map(({ type }) => type)).to.deep.equal([80, 18]);
    const [{ client: who, userName, password, state, source } = {} as AccessRequest] = asked;
    expect({ who: who.name, userName, password, state, source }).to.deep.equal({
      who: 'gateway',
      userName: 'Zoë',
      password: 'a password of more than sixteen bytes',
      state: 'state',
      source: '127.0.0.1',
    });
    expect(listening.count('accessAccept')).to.equal(1);
  });

  for (const code of ['accessReject', 'accessChallenge'] as const) {
    it(`answers ${code} with Message-Authenticator first and Proxy-State last`, async () => {
      answer = async () => reply(code, attribute(24, 'a state'), attribute(18, 'Code?'));
      const states = ['first', 'second', 'third'].map((text) => attribute(33, text));
      const packet = await ask(makeRequest({ secret: SECRET, attributes: states }));
      expect(packet.code).to.equal(PACKET_CODES[code]);
      expect(packet.attributes.map(({ type }) => type)).to.deep.equal([80, 24, 18, 33, 33, 33]);
      const last = packet.attributes.slice(3).map(({ value }) => new TextDecoder().decode(value));
      expect(last).to.deep.equal(['first', 'second', 'third']);
      expect(listening.count(code)).to.equal(1);
    });
  }

  it("is understood by another's codec, and understands it", async () => {
    const request = peerCodec.encode({
      code: 'Access-Request',
      secret: SECRET_TEXT,
      identifier: 77,
      add_message_authenticator: true,
      attributes: [
        ['User-Name', 'jennifer'],
        ['User-Password', '755224'],
        ['NAS-Identifier', 'x'],
      ],
    });
    answer = async () => reply('accessChallenge', attribute(24, 'S1'), attribute(18, 'Code?'));
    await client.send(request, listening.port);
    const response = Buffer.from(await client.next());
    expect(asked.map(({ userName, password }) => [userName, password])).to.deep.equal([
      ['jennifer', '755224'],
    ]);
    expect(peerCodec.verify_response({ request, response, secret: SECRET_TEXT })).to.equal(true);
    const decoded = peerCodec.decode({ packet: response, secret: SECRET_TEXT });
    expect(decoded.code).to.equal('Access-Challenge');
    expect(decoded.attributes['Reply-Message']).to.equal('Code?');
    expect(decoded.raw_attributes[0]?.[0]).to.equal(80);
    response[30] = (response[30] ?? 0) ^ 1;
    expect(peerCodec.verify_response({ request, response, secret: SECRET_TEXT })).to.equal(false);
  });

  it('answers Status-Server with a sign of life, each time', async () => {
    const status = makeStatusServer(SECRET, { attributes: [attribute(33, 'proxy')] });
    for (let times = 1; times <= 3; times += 1) {
      const packet = await ask(status);
      expect(packet.code).to.equal(PACKET_CODES.accessAccept);
      expect(packet.attributes.map(({ type }) => type)).to.deep.equal([80, 33]);
      expect(listening.count('statusServer')).to.equal(times);
    }
    expect(asked).to.have.length(0);
  });

  it('takes one that opted out of Message-Authenticator, and sends it one', async () => {
    const pam = await openClient('127.0.0.7');
    try {
      const packet = await ask(makeRequest({ secret: SECRET, signed: false }), pam);
      expect(packet.code).to.equal(PACKET_CODES.accessAccept);
      expect(asked[0]?.client.name).to.equal('pam');
    } finally {
      pam.close();
    }
  });

  const refused: readonly (readonly [string, Parameters<typeof makeRequest>[0], number[]])[] = [
    [
      'CHAP',
      { secret: SECRET, password: null, attributes: [attribute(3, new Uint8Array(17))] },
      [80, 18],
    ],
    [
      'EAP, with an EAP-Failure and no Reply-Message',
      { secret: SECRET, password: null, attributes: [attribute(79, '\x02\x09\x00\x05\x01')] },
      [80, 79],
    ],
    ['no User-Name', { secret: SECRET, userName: null }, [80, 18]],
    ['an empty User-Name', { secret: SECRET, userName: '' }, [80, 18]],
    [
      'a User-Name that is not UTF-8',
      { secret: SECRET, userName: Uint8Array.of(0xc3, 0x28) },
      [80, 18],
    ],
    ['two User-Names', { secret: SECRET, attributes: [attribute(1, 'other')] }, [80, 18]],
    [
      'two User-Passwords',
      { secret: SECRET, attributes: [attribute(2, new Uint8Array(16))] },
      [80, 18],
    ],
    [
      'two States',
      { secret: SECRET, attributes: [attribute(24, 'a'), attribute(24, 'b')] },
      [80, 18],
    ],
  ];
  for (const [what, wishes, types] of refused) {
    it(`rejects ${what} without asking`, async () => {
      const packet = await ask(makeRequest(wishes));
      expect(packet.code).to.equal(PACKET_CODES.accessReject);
      expect(packet.attributes.map(({ type }) => type)).to.deep.equal(types);
      if (types[1] === 79) {
        expect([...(packet.attributes[1]?.value ?? [])]).to.deep.equal([4, 9, 0, 4]);
      }
      expect(asked).to.have.length(0);
    });
  }

  it('asks with no password where none is sent, or none that the secret opens', async () => {
    await ask(makeRequest({ secret: SECRET, password: null }));
    await ask(
      makeRequest({
        secret: SECRET,
        password: null,
        attributes: [attribute(2, new Uint8Array(15))],
      }),
    );
    await ask(makeRequest({ secret: SECRET, password: '' }));
    expect(asked.map(({ password }) => password)).to.deep.equal([undefined, undefined, '']);
  });

  it('answers nothing where there is nothing to say, and logs what failed', async () => {
    answer = async () => undefined;
    const request = makeRequest({ secret: SECRET });
    await client.send(request, listening.port);
    await listening.counted(1);
    answer = async () => {
      throw new Error('the disk is full');
    };
    await client.send(request, listening.port);
    await listening.counted(2);
    expect([...listening.counts]).to.deep.equal([
      ['unanswered', 1],
      ['failed', 1],
    ]);
    expect(listening.logged.map(({ level, message }) => [level, message])).to.deep.equal([
      ['error', 'a RADIUS request could not be decided'],
    ]);
    // Neither was decided, so the client's next try is.
    answer = async () => reply('accessAccept');
    expect((await ask(request)).code).to.equal(PACKET_CODES.accessAccept);
    expect(client.unread).to.equal(0);
    expect(listening.server.underWay()).to.equal(0);
  });

  it('refuses access where the reply does not fit beside Proxy-State', async () => {
    const long = new Uint8Array(253);
    answer = async () => reply('accessAccept', ...Array(4).fill(attribute(18, long)));
    const states = Array(14).fill(attribute(33, long));
    const packet = await ask(makeRequest({ secret: SECRET, attributes: states }));
    expect(packet.code).to.equal(PACKET_CODES.accessReject);
    expect(packet.attributes).to.have.length(15);
  });

  it('listens on several addresses, IPv6 among them, and says where it cannot', async function () {
    await ipv6OrSkip(this);
    const both = await startListening({
      clients: [clientAt('127.0.0.1'), clientAt('::1')],
      options: {
        listen: [
          { host: '127.0.0.1', port: 0 },
          { host: '::1', port: 0 },
        ],
      },
    });
    const sixth = await openClient('::1');
    try {
      const request = makeRequest({ secret: SECRET });
      await sixth.send(request, both.server.listeners[1]?.port() ?? 0);
      readReply(await sixth.next(), request, SECRET);
      await client.send(request, both.port);
      readReply(await client.next(), request, SECRET);
      const taken = startListening({ options: { listen: [{ port: both.port }] } });
      const error = await taken.catch((reason: unknown) => reason);
      expect(error).to.have.property('code', 'unavailable');
      expect(String(error)).to.include(`${both.port}`);
    } finally {
      sixth.close();
      await both.close();
    }
  });

  it('answers what is under way when it is closed, and takes nothing new', async () => {
    let decide = (): void => undefined;
    answer = () =>
      new Promise((resolve) => {
        decide = () => resolve(reply('accessAccept'));
      });
    const request = makeRequest({ secret: SECRET });
    await client.send(request, listening.port);
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = listening.close();
    decide();
    await closed;
    readReply(await client.next(), request, SECRET);
    expect(listening.server.underWay()).to.equal(0);
  });
});
