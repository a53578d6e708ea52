import { once } from 'node:events';
import { readFile, rename } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { STOP_MILLIS_MAX } from '../../../server/main.ts';
import { type MadeCertificate, makeCertificate } from '../../support/certificates.ts';
import { fobd } from '../../support/fobd-in-process.ts';
import {
  type InitResult,
  type ServingFobd,
  startFobd,
  temporaryDirectory,
} from '../../support/fobd-process.ts';

describe('fobd serve with TLS', () => {
  let place: string;
  let remove: () => Promise<void>;
  let data: string;
  let apiKey: string;
  let files: MadeCertificate;
  let running: ServingFobd | undefined;

  beforeEach(async () => {
    ({ place, remove } = await temporaryDirectory());
    data = path.join(place, 'data');
    const { stdout } = await fobd(['init', '--data', data, '--json']);
    ({ apiKey } = (JSON.parse(stdout) as InitResult).administrator);
    files = await makeCertificate(place);
  });
  afterEach(async () => {
    running?.signal('SIGKILL');
    await running?.ended;
    running = undefined;
    await remove();
  });

  const tls = () => [
    ...['--tls-certificate', files.certificateFile],
    ...['--tls-key', files.keyFile],
  ];

  async function ask(address: string, pathname: string, ca: string) {
    const asked = request(new URL(pathname, address.replace('0.0.0.0', 'localhost')), {
      ca,
      agent: false,
      headers: { authorization: `Bearer ${apiKey}` },
    }).end();
    const [reply] = await once(asked, 'response');
    const { fingerprint256 } = (reply.socket as TLSSocket).getPeerCertificate();
    return { status: reply.statusCode, body: await text(reply), fingerprint: fingerprint256 };
  }

  it('serves a public address, and tells when its certificate ends', async () => {
    running = await startFobd(data, ['--host', '0.0.0.0', ...tls()]);
    expect(running.address).to.match(/^https:\/\/0\.0\.0\.0:\d+$/);
    const ca = await readFile(files.certificateFile, 'utf8');
    expect((await ask(running.address, '/readyz', ca)).status).to.equal(200);
    const { body } = await ask(running.address, '/metrics', ca);
    const until = /^fobd_certificate_expiry_timestamp_seconds (\d+)$/m.exec(body)?.[1];
    expect(Number(until) - Date.now() / 1000).to.be.within(364 * 86_400, 366 * 86_400);
    const owner = await fobd(['account', 'add', 'jennifer', '--data', data]);
    expect(owner.code, owner.stderr).to.equal(0);
    running.signal('SIGTERM');
    expect(await running.ended).to.equal(0);
  });

  it('takes up a renewed certificate at SIGHUP', async () => {
    running = await startFobd(data, tls());
    const before = await ask(
      running.address,
      '/healthz',
      await readFile(files.certificateFile, 'utf8'),
    );
    const renewed = await makeCertificate(place, { name: 'renewed' });
    await rename(renewed.keyFile, files.keyFile);
    await rename(renewed.certificateFile, files.certificateFile);
    running.signal('SIGHUP');
    const ca = await readFile(files.certificateFile, 'utf8');
    for (;;) {
      const after = await ask(running.address, '/healthz', ca).catch(() => undefined);
      if (after === undefined) continue;
      expect(after.fingerprint).not.to.equal(before.fingerprint);
      break;
    }
    running.signal('SIGTERM');
    expect(await running.ended).to.equal(0);
    expect(running.log()).to.contain('took up the certificate');
  });

  it('stops although clients hold connections on which they ask for nothing', async () => {
    running = await startFobd(data, tls());
    const { hostname, port } = new URL(running.address);
    const ca = await readFile(files.certificateFile, 'utf8');
    const silent = connectTls({ host: 'localhost', port: Number(port), ca });
    await once(silent, 'secureConnect');
    // The first bytes of a handshake, and no more of it.
    const shaking = connect(Number(port), hostname).resume();
    shaking.write(Buffer.from('1603010200', 'hex'));
    const untouched = connect(Number(port), hostname).resume();
    await once(untouched, 'connect');
    const before = await ask(running.address, '/healthz', ca);
    expect(before.status).to.equal(200);
    const asked = performance.now();
    const ended = [silent.resume(), shaking, untouched].map((socket) => once(socket, 'close'));
    running.signal('SIGTERM');
    await Promise.all(ended);
    expect(await running.ended).to.equal(0);
    expect(performance.now() - asked).to.be.lessThan(STOP_MILLIS_MAX - 2000);
  });

  it('answers what a client has begun to ask for when it is told to stop', async () => {
    running = await startFobd(data, tls());
    const { port } = new URL(running.address);
    const ca = await readFile(files.certificateFile, 'utf8');
    const client = connectTls({ host: 'localhost', port: Number(port), ca });
    await once(client, 'secureConnect');
    client.write('GET /healthz HTTP/1.1\r\nHost: fobd\r\n');
    // It is read before this is answered, on a loop that reads both.
    await ask(running.address, '/healthz', ca);
    const untouched = connect(Number(port), '127.0.0.1').resume();
    await once(untouched, 'connect');
    running.signal('SIGTERM');
    await once(untouched, 'close');
    client.end('\r\n');
    expect(await text(client)).to.match(/^HTTP\/1\.1 200 .*\r\nConnection: close\r\n/s);
    expect(await running.ended).to.equal(0);
  });

  it('does not start with a certificate that is no use, and says why', async () => {
    const other = await makeCertificate(place, { name: 'other' });
    const args = ['serve', '--data', data, '--port', '0'];
    const wrong = ['--tls-certificate', files.certificateFile, '--tls-key', other.keyFile];
    const { code, stderr } = await fobd([...args, ...wrong]);
    expect(code).to.equal(1);
    expect(stderr).to.contain('other.key does not fit').and.to.contain('[certificateUnusable]');
    const half = await fobd([...args, '--tls-key', other.keyFile]);
    expect(half.code).to.equal(2);
  });

  it('keeps a lab to its own machine all the same', async () => {
    const lab = path.join(place, 'lab');
    await fobd(['init', '--data', lab, '--lab']);
    const args = ['serve', '--data', lab, '--port', '0', '--host', '0.0.0.0', ...tls()];
    const { code, stderr } = await fobd(args);
    expect(code).to.equal(2);
    expect(stderr).to.contain('own machine only');
  });
});
