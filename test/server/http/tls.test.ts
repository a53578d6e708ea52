import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { type Certificate, readCertificate } from '../../../server/http/certificate.ts';
import { type CertificateWatch, watchCertificate } from '../../../server/http/certificate-watch.ts';
import { createListener, type Listener } from '../../../server/http/listener.ts';
import { type MadeCertificate, makeCertificate } from '../../support/certificates.ts';

interface Line {
  readonly level: string;
  readonly details: Record<string, unknown>;
  readonly message: string;
}

describe('TLS', () => {
  let place: string;
  let files: MadeCertificate;
  let first: Certificate;
  let listener: Listener;
  let watch: CertificateWatch | undefined;
  let logged: Line[];
  let heard: (() => void)[];

  const log = (level: string) => (details: object, message: string) => {
    logged.push({ level, details: { ...details }, message });
    for (const hear of heard.splice(0)) hear();
  };

  beforeEach(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'fobd-tls-'));
    files = await makeCertificate(place);
    first = await readCertificate(files, Date.now());
    logged = [];
    heard = [];
    listener = createListener((_, response) => void response.end('hello'), {
      connectionsMax: 10,
      certificate: first,
    });
    await listener.listen({ host: '127.0.0.1', port: 0 }, { where: 'here', nextStep: '' });
  });
  afterEach(async () => {
    watch?.end();
    watch = undefined;
    listener.closeAll();
    await listener.close();
    await rm(place, { recursive: true, force: true });
  });

  const startWatch = async (now: () => number = Date.now) => {
    watch = await watchCertificate(files, first, {
      now,
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      onRenewed: (renewed) => listener.renew(renewed),
      everyMillis: 5,
    });
    return watch;
  };

  /** Resolves when a line of that message has been logged. */
  async function said(message: string): Promise<Line> {
    for (;;) {
      const line = logged.find((one) => one.message.includes(message));
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => heard.push(resolve));
    }
  }

  async function connected(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const trusted = first.cert;
    const socket = connect({ host: 'localhost', port: listener.port(), ca: trusted, ...options });
    await once(socket, 'secureConnect');
    // The listener ends what is left after each test.
    socket.on('error', () => undefined);
    return socket;
  }

  const fingerprintOf = (socket: TLSSocket): string => socket.getPeerCertificate().fingerprint256;

  it('serves HTTP/1.1 to a client that trusts the certificate, and to no other', async () => {
    const socket = await connected({ ALPNProtocols: ['h2', 'http/1.1'] });
    expect(socket.authorized).to.equal(true);
    expect(socket.alpnProtocol).to.equal('http/1.1');
    expect(socket.getProtocol()).to.equal('TLSv1.3');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).to.match(/^HTTP\/1\.1 200 OK/);
    const distrusting = await connected({ ca: [] }).catch((error: unknown) => error);
    expect(distrusting).to.have.property('code', 'DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('speaks TLS 1.2, and nothing older', async () => {
    const socket = await connected({ maxVersion: 'TLSv1.2' });
    expect(socket.getProtocol()).to.equal('TLSv1.2');
    socket.destroy();
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const older = await connected({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers }).catch(
      (error: unknown) => error,
    );
    expect(older)
      .to.be.an('error')
      .with.property('code')
      .match(/VERSION|ECONNRESET/);
  });

  it('does not answer plain HTTP, and goes on', async () => {
    const plain = httpRequest({ host: '127.0.0.1', port: listener.port(), agent: false }).end();
    const [error] = await once(plain, 'error');
    expect(error).to.be.an('error');
    expect(fingerprintOf(await connected())).to.equal(first.fingerprint);
  });

  it('takes up a renewed certificate when its files change; connections go on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: first.cert });
    const ask = async (): Promise<string> => {
      const asked: ClientRequest = request({ host: 'localhost', port: listener.port(), agent });
      asked.end();
      const [reply] = (await once(asked, 'response')) as [IncomingMessage];
      return `${await text(reply)} ${asked.reusedSocket}`;
    };
    expect(await ask()).to.equal('hello false');
    const before = await connected();
    await startWatch();
    const renewed = await makeCertificate(place, { name: 'renewed' });
    // The certificate first: for a moment the key does not fit it.
    await rename(renewed.certificateFile, files.certificateFile);
    expect((await said('kept the old')).details['reason']).to.contain('does not fit');
    expect(fingerprintOf(await connected())).to.equal(first.fingerprint);
    await rename(renewed.keyFile, files.keyFile);
    await said('took up the certificate');
    const ca = await readFile(files.certificateFile, 'utf8');
    expect(fingerprintOf(await connected({ ca }))).to.equal(new X509Certificate(ca).fingerprint256);
    expect(watch?.current().fingerprint).to.equal(new X509Certificate(ca).fingerprint256);
    expect(await ask()).to.equal('hello true');
    expect(before.readyState).to.equal('open');
    agent.destroy();
  });

  it('sees a renewal behind a link, as certbot and orchestrators make it', async () => {
    const live = { certificateFile: path.join(place, 'l.pem'), keyFile: path.join(place, 'l.key') };
    await symlink(files.certificateFile, live.certificateFile);
    await symlink(files.keyFile, live.keyFile);
    files = live;
    await startWatch();
    const renewed = await makeCertificate(place, { name: 'second' });
    for (const name of ['certificateFile', 'keyFile'] as const) {
      await symlink(renewed[name], `${live[name]}.new`);
      await rename(`${live[name]}.new`, live[name]);
    }
    const { details } = await said('took up the certificate');
    expect(details['names']).to.contain('DNS:localhost');
  });

  it('reads the files again when told to, and keeps the old one when they are no use', async () => {
    const { reload, current } = await startWatch();
    await reload();
    expect(logged.map(({ message }) => message)).to.deep.equal(['took up the certificate']);
    await writeFile(files.certificateFile, 'nonsense');
    await reload();
    const line = await said('kept the old');
    expect(line.level).to.equal('error');
    expect(line.details['reason']).to.contain('holds no certificate');
    expect(current().fingerprint).to.equal(first.fingerprint);
    expect(fingerprintOf(await connected())).to.equal(first.fingerprint);
  });

  it('warns of the end of a certificate two weeks before, and again every day', async () => {
    let now = first.expiresAt - 14 * 86_400_000 - 1;
    await startWatch(() => now);
    expect(logged).to.deep.equal([]);
    now += 1;
    const line = await said('ends soon');
    expect(line.details).to.deep.equal({ certificateFile: files.certificateFile, days: 14 });
    now += 86_400_000;
    while (logged.length < 2) await new Promise<void>((resolve) => heard.push(resolve));
    expect(logged[1]?.details['days']).to.equal(13);
    now = first.expiresAt;
    expect((await said('has expired')).details['days']).to.equal(0);
  });
});
