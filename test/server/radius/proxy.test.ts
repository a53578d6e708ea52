import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { checkMessageAuthenticator, revealPassword } from '../../../server/radius/authenticity.ts';
import {
  ATTRIBUTE_TYPES,
  type Attribute,
  attributesOf,
  decodePacket,
  encodePacket,
  type Packet,
} from '../../../server/radius/packet.ts';
import type { ProxyTarget } from '../../../server/radius/port.ts';
import { createProxyClient } from '../../../server/radius/proxy.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { attribute } from '../../support/radius-packets.ts';
import { accountOf, EVENT, OWNER } from '../tokens/room.ts';
import { type FreeRadius, startFreeRadius } from './freeradius.ts';
import { openSignIns, packetOf, type SignIns, textOf } from './sign-ins.ts';

const SECRET = 'known-to-the-old-server';
const secret = new TextEncoder().encode(SECRET);
const rng = { bytes: (length: number) => new Uint8Array(randomBytes(length)), uniform: () => 0.5 };

const targetAt = (port: number, wishes: Partial<ProxyTarget> = {}): ProxyTarget => ({
  host: '127.0.0.1',
  port,
  secret,
  timeoutMillis: 2000,
  retries: 1,
  requireMessageAuthenticator: true,
  ...wishes,
});

describe('asking the old server', () => {
  /** Another server's, whose every reply is the test's to make. */
  let socket: Socket;
  let port: number;
  beforeEach(async () => {
    socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    ({ port } = socket.address());
  });
  afterEach(() => socket.close());

  const request = { packet: packetOf({ station: '203.0.113.5' }), password: 'päss'.repeat(9) };
  const nextRequest = async (): Promise<readonly [Packet, RemoteInfo]> => {
    const [datagram, from] = (await once(socket, 'message')) as [Buffer, RemoteInfo];
    const packet = decodePacket(datagram);
    if (typeof packet === 'string') throw new Error(packet);
    return [packet, from];
  };

  interface ReplyWishes {
    readonly code?: number;
    readonly attributes?: readonly Attribute[];
    readonly by?: Uint8Array;
    readonly identifier?: number;
    readonly signed?: boolean;
    /** Changes a byte when all is signed. */
    readonly tamper?: boolean;
  }
  const send = (to: readonly [Packet, RemoteInfo], wishes: ReplyWishes = {}): void => {
    const [{ authenticator, identifier }, from] = to;
    const { code = 2, attributes = [], by = secret, signed = true } = wishes;
    const all = signed ? [attribute(80, new Uint8Array(16)), ...attributes] : attributes;
    const head = { code, identifier: wishes.identifier ?? identifier };
    const bytes = encodePacket(head, authenticator, all);
    if (signed) bytes.set(createHmac('md5', by).update(bytes).digest(), 22);
    if (signed && wishes.tamper) bytes[23] = (bytes[23] ?? 0) ^ 1;
    bytes.set(createHash('md5').update(bytes).update(by).digest(), 4);
    socket.send(bytes, from.port, from.address);
  };

  it('sends what came, hidden and signed anew, Message-Authenticator first', async () => {
    const asking = createProxyClient({ rng }).ask(request, targetAt(port));
    const received = await nextRequest();
    const [packet] = received;
    expect(packet.attributes[0]?.type).to.equal(ATTRIBUTE_TYPES.messageAuthenticator);
    expect(checkMessageAuthenticator(packet, secret)).to.equal('good');
    const [hidden] = attributesOf(packet, ATTRIBUTE_TYPES.userPassword);
    expect(revealPassword(hidden?.value ?? new Uint8Array(), packet, secret)).to.equal(
      request.password,
    );
    expect(packet.authenticator).not.to.deep.equal(request.packet.authenticator);
    expect(textOf(packet.attributes, ATTRIBUTE_TYPES.callingStationId)).to.equal('203.0.113.5');
    expect(packet.attributes.at(-1)?.type).to.equal(ATTRIBUTE_TYPES.proxyState);
    send(received, { code: 3 });
    expect(await asking).to.deep.equal({ code: 'accessReject', attributes: [] });
  });

  it('passes reply attributes on, but for what belongs to this hop', async () => {
    const asking = createProxyClient({ rng }).ask(request, targetAt(port));
    const microsoft = (type: number) => attribute(26, Uint8Array.of(0, 0, 1, 55, type, 4, 1, 2));
    const passed = [attribute(11, 'staff'), attribute(24, 'theirs'), microsoft(7)];
    const kept = [attribute(33, 'ours'), attribute(69, 'hidden'), microsoft(16), microsoft(17)];
    send(await nextRequest(), { code: 11, attributes: [...passed, ...kept] });
    const reply = await asking;
    if (typeof reply === 'string') throw new Error(reply);
    expect(reply.code).to.equal('accessChallenge');
    expect(reply.attributes.map(({ type, value }) => [type, ...value])).to.deep.equal(
      passed.map(({ type, value }) => [type, ...value]),
    );
  });

  it('believes no reply but its own: secrets, identifiers, codes and signatures', async () => {
    const asking = createProxyClient({ rng }).ask(request, targetAt(port));
    const received = await nextRequest();
    const [packet, from] = received;
    send(received, { by: new TextEncoder().encode('another-secret-altogether') });
    send(received, { identifier: (packet.identifier + 1) % 256 });
    send(received, { code: 5 });
    send(received, { signed: false });
    send(received, { tamper: true });
    send(received, { attributes: [attribute(80, new Uint8Array(16))] });
    socket.send(new Uint8Array(3), from.port, from.address);
    send(received, { code: 3, attributes: [attribute(18, 'the true one')] });
    const reply = await asking;
    if (typeof reply === 'string') throw new Error(reply);
    expect(textOf(reply.attributes, 18)).to.equal('the true one');
  });

  it('takes a reply without Message-Authenticator where that was said', async () => {
    const target = targetAt(port, { requireMessageAuthenticator: false });
    const asking = createProxyClient({ rng }).ask(request, target);
    send(await nextRequest(), { signed: false });
    expect(await asking).to.deep.equal({ code: 'accessAccept', attributes: [] });
  });

  it('sends the same bytes again, and then gives up', async () => {
    const target = targetAt(port, { timeoutMillis: 100, retries: 2 });
    const asking = createProxyClient({ rng }).ask(request, target);
    const sent = [await nextRequest(), await nextRequest(), await nextRequest()];
    expect(await asking).to.equal('silent');
    const [first] = sent.map(([packet]) => Buffer.from(packet.bytes).toString('hex'));
    for (const [packet] of sent) {
      expect(Buffer.from(packet.bytes).toString('hex')).to.equal(first);
    }
  });

  it('gives up where nobody listens', async () => {
    socket.close();
    await once(socket, 'close');
    const target = targetAt(port, { timeoutMillis: 100, retries: 0 });
    expect(await createProxyClient({ rng }).ask(request, target)).to.equal('silent');
    socket = createSocket('udp4');
  });

  it('waits for so many replies at a time, and asks no more', async () => {
    const proxy = createProxyClient({ rng, underWayMax: 1 });
    const asking = proxy.ask(request, targetAt(port));
    const received = await nextRequest();
    expect(await proxy.ask(request, targetAt(port))).to.equal('busy');
    send(received);
    expect(await asking).to.include({ code: 'accessAccept' });
    const again = proxy.ask(request, targetAt(port));
    send(await nextRequest());
    expect(await again).to.include({ code: 'accessAccept' });
  });

  it('knows a request that comes back to it', async () => {
    const proxy = createProxyClient({ rng });
    const asking = proxy.ask(request, targetAt(port));
    const received = await nextRequest();
    const looped = { packet: received[0], password: 'x' };
    expect(await proxy.ask(looped, targetAt(port))).to.equal('looped');
    expect(await createProxyClient({ rng, underWayMax: 0 }).ask(looped, targetAt(port))).to.equal(
      'busy',
    );
    send(received);
    await asking;
  });

  it('asks about nobody without a password, or with no room for what is added', async () => {
    const proxy = createProxyClient({ rng });
    const { packet } = request;
    expect(await proxy.ask({ packet, password: undefined }, targetAt(port))).to.equal('unfit');
    const full = encodePacket(
      { code: 1, identifier: 1 },
      new Uint8Array(16),
      Array.from({ length: 16 }, () => attribute(26, new Uint8Array(252))),
    );
    const decoded = decodePacket(full);
    if (typeof decoded === 'string') throw new Error(decoded);
    expect(await proxy.ask({ packet: decoded, password: 'x' }, targetAt(port))).to.equal('unfit');
  });
});

describe('an old server meanwhile', function () {
  this.timeout(60_000);
  let place: string;
  let old: FreeRadius | undefined;
  let signIns: SignIns;

  before(async function () {
    const freeradius: Peer = await peerOrSkip(this, 'freeradius');
    place = await mkdtemp(path.join(tmpdir(), 'fobtwin-old-'));
    old = await startFreeRadius(freeradius, {
      place,
      secret: SECRET,
      configuration: '',
      modules: '  pap {\n  }\n',
      sections: `
  authorize {
    if (&User-Name == "jennifer") {
      update control {
        Cleartext-Password := "old-password"
      }
    }
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
  post-auth {
    update reply {
      Filter-Id := "from-the-old-one"
      Message-Authenticator := 0x00
    }
    Post-Auth-Type REJECT {
      update reply {
        Message-Authenticator := 0x00
      }
    }
  }
`,
    });
  });
  after(async () => {
    await old?.stop();
    await rm(place, { recursive: true, force: true });
  });
  beforeEach(async () => {
    signIns = await openSignIns();
    signIns.client({ mode: 'challenge', proxyTo: targetAt(old?.port ?? 0) });
  });
  afterEach(() => signIns.room.store.close());

  it('decides about whoever has no token here, and says so', async () => {
    const good = await signIns.ask({ password: 'old-password' });
    expect(good.code).to.equal('accessAccept');
    expect(textOf(good.attributes, 11)).to.equal('from-the-old-one');
    expect((await signIns.ask({ password: 'other' })).code).to.equal('accessReject');
    expect((await signIns.ask({ user: 'stranger', password: 'x' })).code).to.equal('accessReject');
    expect(signIns.proxied.map(({ code }) => code)).to.deep.equal([
      'accessAccept',
      'accessReject',
      'accessReject',
    ]);
    expect(signIns.checked).to.deep.equal([]);
  });

  it('is not asked about whoever has one, or is disabled', async () => {
    const { room } = signIns;
    await room.registered('FT1', 'jennifer', EVENT);
    expect((await signIns.ask({ password: 'old-password' })).code).to.equal('accessReject');
    expect((await signIns.ask({ password: 'hunter2' })).code).to.equal('accessChallenge');
    await room.account('charlie');
    await room.accounts.setDisabled(accountOf('charlie'), true, {}, room.as(OWNER));
    expect((await signIns.ask({ user: 'charlie', password: 'x' })).code).to.equal('accessReject');
    expect(signIns.proxied).to.deep.equal([]);
  });

  it('that does not answer leaves the client without an answer', async () => {
    const target = targetAt(old?.port ?? 0, {
      secret: new TextEncoder().encode('not-what-it-knows'),
      timeoutMillis: 100,
      retries: 0,
    });
    signIns.client({ mode: 'challenge', proxyTo: target });
    expect((await signIns.ask({ password: 'old-password' })).code).to.equal('silence');
    expect(signIns.proxyFailures).to.deep.equal(['silent']);
  });
});
