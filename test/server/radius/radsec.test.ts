import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { createFraming } from '../../../server/radius/framing.ts';
import type { AccessReply, AccessRequest } from '../../../server/radius/port.ts';
import { makeAuthority } from '../../support/certificate-authority.ts';
import type { MadeCertificate } from '../../support/certificates.ts';
import { peerOrSkip } from '../../support/debian.ts';
import {
  attribute,
  makeRequest,
  makeStatusServer,
  readReply,
} from '../../support/radius-packets.ts';
import { clientAt, type Listening, reply, startListening } from './listening.ts';

const RADSEC = new TextEncoder().encode('radsec');

describe('radius: RadSec', () => {
  let directory: string;
  let caFile: string;
  let server: MadeCertificate;
  let named: MadeCertificate;
  let plain: MadeCertificate;
  let foreign: MadeCertificate;
  let listening: Listening | undefined;
  let asked: AccessRequest[];
  let answer: (request: AccessRequest) => Promise<AccessReply>;
  const open: TLSSocket[] = [];

  before(async function () {
    directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-radsec-'));
    await peerOrSkip(this, 'openssl');
    const authority = await makeAuthority(directory);
    caFile = authority.caFile;
    server = await authority.issue('radius.example.com', ['radius.example.com']);
    named = await authority.issue('vpn-cn', ['vpn.example.com', 'other.example.com']);
    plain = await authority.issue('host.example.com');
    foreign = await (await makeAuthority(directory, 'other-ca')).issue('stranger', [
      'vpn.example.com',
    ]);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  beforeEach(() => {
    asked = [];
    answer = async () => reply('accessAccept', attribute(18, 'Welcome'));
  });
  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await listening?.close();
    listening = undefined;
  });

  async function start(wishes: Parameters<typeof startListening>[0] = {}, radsec: object = {}) {
    const started = await startListening({
      answer: (request) => {
        asked.push(request);
        return answer(request);
      },
      ...wishes,
      options: { listen: [], radsec: { port: 0, caFile, ...server, ...radsec } },
    });
    listening = started;
    return started;
  }

  async function dial(port: number, certificate: MadeCertificate | undefined) {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'radius.example.com',
      ca: await readFile(caFile),
      ...(certificate && {
        cert: await readFile(certificate.certificateFile),
        key: await readFile(certificate.keyFile),
      }),
    });
    open.push(socket);
    const came: Uint8Array[] = [];
    const wanting: ((packet: Uint8Array) => void)[] = [];
    const { push } = createFraming((packet) => {
      const taker = wanting.shift();
      if (taker === undefined) came.push(Uint8Array.from(packet));
      else taker(Uint8Array.from(packet));
      return true;
    });
    socket.on('data', push);
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    return {
      socket,
      closed,
      connected: () => once(socket, 'secureConnect'),
      next: (): Promise<Uint8Array> => {
        const first = came.shift();
        if (first !== undefined) return Promise.resolve(first);
        return new Promise((resolve) => wanting.push(resolve));
      },
    };
  }

  it('answers several requests in flight on a connection, as they are decided', async () => {
    const decide: ((reply: AccessReply) => void)[] = [];
    answer = () => new Promise((resolve) => decide.push(resolve));
    const { port, counted } = await start({ clients: [clientAt('127.0.0.1')] });
    const { socket, next } = await dial(port, plain);
    const requests = [1, 2, 3].map((identifier) => makeRequest({ secret: RADSEC, identifier }));
    // TLS vouches for it: Message-Authenticator may be left away, Proxy-State and all.
    const bare = makeRequest({
      secret: RADSEC,
      identifier: 4,
      signed: false,
      attributes: [attribute(33, 'proxy')],
    });
    const status = makeStatusServer(RADSEC, { identifier: 9 });
    const stream = Buffer.concat([...requests, bare, status]);
    socket.write(stream.subarray(0, 50));
    socket.write(stream.subarray(50));
    readReply(await next(), status, RADSEC);
    expect(asked).to.have.length(4);
    expect(asked[3]?.password).to.equal('123456');
    for (const place of [2, 0, 3, 1]) {
      decide[place]?.(reply('accessReject'));
      const request = [...requests, bare][place] ?? bare;
      expect(readReply(await next(), request, RADSEC).code).to.equal(3);
    }
    await counted(5);
    socket.write(bare);
    readReply(await next(), bare, RADSEC);
    expect(asked).to.have.length(4);
  });

  it('knows a client by fingerprint, by DNS name, by CN, and by address', async () => {
    const pem = await readFile(named.certificateFile);
    const fingerprint = new X509Certificate(pem).fingerprint256;
    const ask = async (certificates: readonly string[] | undefined, by: MadeCertificate) => {
      asked = [];
      const started = await start({
        clients: [
          ...(certificates === undefined
            ? [clientAt('10.0.0.1', { name: 'elsewhere' }), clientAt('127.0.0.1')]
            : [clientAt('10.0.0.1', { name: 'known', certificates })]),
        ],
      });
      const { socket, next, closed } = await dial(started.port, by);
      const request = makeRequest({ secret: RADSEC });
      socket.write(request);
      const answered = await Promise.race([next(), closed]);
      const who = asked[0]?.client.name;
      if (answered === undefined) expect(started.count('unknownClient')).to.equal(1);
      else readReply(answered, request, RADSEC);
      await started.close();
      return who;
    };
    expect(await ask([fingerprint], named)).to.equal('known');
    expect(await ask([fingerprint.replaceAll(':', '').toLowerCase()], named)).to.equal('known');
    expect(await ask(['OTHER.example.com'], named)).to.equal('known');
    expect(await ask(['host.example.com'], plain)).to.equal('known');
    expect(await ask(undefined, plain)).to.equal('at-127.0.0.1');
    // A CN beside DNS names counts for nothing, and nobody is two clients.
    expect(await ask(['vpn-cn'], named)).to.equal(undefined);
    expect(await ask([fingerprint], plain)).to.equal(undefined);
    listening = undefined;
  });

  it('takes nobody without a certificate of its authority', async () => {
    const started = await start({ clients: [clientAt('127.0.0.1')] });
    for (const certificate of [foreign, undefined]) {
      const { socket, closed } = await dial(started.port, certificate);
      socket.write(makeRequest({ secret: RADSEC }));
      await closed;
    }
    expect(asked).to.have.length(0);
    expect(started.logged.every(({ level }) => level === 'warn')).to.equal(true);
  });

  const breaches: readonly (readonly [string, () => Uint8Array, string])[] = [
    ['a length of nothing', () => Uint8Array.of(1, 1, 0, 0), 'lengthLies'],
    ['a length beyond 4096', () => Uint8Array.of(1, 1, 0x10, 1), 'tooLong'],
    [
      'attributes that lie',
      () => Uint8Array.from([1, 1, 0, 22, ...new Uint8Array(16), 1, 0]),
      'attributeLies',
    ],
    [
      'another secret than radsec',
      () => makeRequest({ secret: new TextEncoder().encode('mine') }),
      'authenticatorBad',
    ],
  ];
  for (const [what, bytes, result] of breaches) {
    it(`closes the connection after ${what}`, async () => {
      const started = await start({ clients: [clientAt('127.0.0.1')] });
      const { socket, closed } = await dial(started.port, plain);
      socket.write(Buffer.concat([bytes(), makeRequest({ secret: RADSEC })]));
      await closed;
      expect([...started.counts]).to.deep.equal([[result, 1]]);
      expect(asked).to.have.length(0);
    });
  }

  it('holds no more connections than it may, and the next when one has gone', async () => {
    const { port } = await start({ clients: [clientAt('127.0.0.1')] }, { connectionsMax: 1 });
    const first = await dial(port, plain);
    await first.connected();
    const second = await dial(port, plain);
    await second.closed;
    const request = makeRequest({ secret: RADSEC });
    first.socket.write(request);
    readReply(await first.next(), request, RADSEC);
  });

  it('goes on when a client hangs up before its reply', async () => {
    let decide = (_: AccessReply): void => undefined;
    answer = () =>
      new Promise((resolve) => {
        decide = resolve;
      });
    const started = await start({ clients: [clientAt('127.0.0.1')] });
    const first = await dial(started.port, plain);
    first.socket.write(makeRequest({ secret: RADSEC }));
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    first.socket.destroy();
    await first.closed;
    decide(reply('accessAccept'));
    await started.counted(1);
    expect(started.server.underWay()).to.equal(0);
    answer = async () => reply('accessReject');
    const second = await dial(started.port, plain);
    const request = makeRequest({ secret: RADSEC });
    second.socket.write(request);
    readReply(await second.next(), request, RADSEC);
  });

  it('says which file is at fault', async () => {
    const nothing = path.join(directory, 'nothing.pem');
    await writeFile(nothing, 'nothing');
    for (const wrong of [{ caFile: nothing }, { certificateFile: nothing }]) {
      const error = await start({}, wrong).catch((reason: unknown) => reason);
      expect(error).to.have.property('code', 'certificateUnusable');
      expect(String(error)).to.include(nothing);
    }
  });
});
