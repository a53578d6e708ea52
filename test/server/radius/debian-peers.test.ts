import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import type { AccessReply, AccessRequest } from '../../../server/radius/port.ts';
import { makeAuthority } from '../../support/certificate-authority.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';
import { attribute } from '../../support/radius-packets.ts';
import { clientAt, type Listening, reply, SECRET, startListening } from './listening.ts';

/** The wire half against FreeRADIUS' client and radsecproxy; whole sign-ins stand elsewhere. */

const PASSWORD = 'a password of more than sixteen bytes';

async function answer({ userName, password, state }: AccessRequest): Promise<AccessReply> {
  if (userName !== 'jennifer' || password === undefined) return reply('accessReject');
  if (password === PASSWORD) {
    return reply('accessChallenge', attribute(24, 'S-1'), attribute(18, 'Code?'));
  }
  const isGood = password === '755224' && state === 'S-1';
  return reply(isGood ? 'accessAccept' : 'accessReject', attribute(18, isGood ? 'In' : 'Out'));
}

describe('radius: wire, with programs of Debian', () => {
  let radclient: Peer;
  let directory: string;
  let listening: Listening;
  let asked: AccessRequest[];

  before(async function () {
    directory = await mkdtemp(path.join(tmpdir(), 'fobtwin-radclient-'));
    await writeFile(path.join(directory, 'secret'), SECRET);
    radclient = await peerOrSkip(this, 'radclient');
  });
  after(() => rm(directory, { recursive: true, force: true }));
  beforeEach(async () => {
    asked = [];
    listening = await startListening({ answer: note });
  });
  afterEach(() => listening.close());

  function note(request: AccessRequest): Promise<AccessReply> {
    asked.push(request);
    return answer(request);
  }

  /** What it printed, and whether it came to Accept. */
  async function run(lines: readonly string[], command = 'auth', port = listening.port) {
    const root = path.dirname(path.dirname(path.dirname(radclient.path)));
    const args = [
      ...(root === '/' ? [] : ['-D', path.join(root, 'usr/share/freeradius')]),
      ...['-x', '-r', '2', '-t', '3', '-S', path.join(directory, 'secret')],
      ...[`127.0.0.1:${port}`, command],
    ];
    return new Promise<{ readonly code: number; readonly text: string }>((resolve) => {
      const options = { env: radclient.env, timeout: 15_000 };
      const child = execFile(radclient.path, args, options, (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
        resolve({ code, text: stdout + stderr });
      });
      child.stdin?.end(`${lines.join('\n')}\n`);
    });
  }

  const SIGNED = 'Message-Authenticator = 0x00';

  it('goes through a challenge to Accept, and is refused', async () => {
    const challenge = await run([
      'User-Name = "jennifer"',
      `User-Password = "${PASSWORD}"`,
      SIGNED,
    ]);
    expect(challenge.text).to.include('Received Access-Challenge').and.to.include('Code?');
    const state = /State = (0x[0-9a-f]+)/.exec(challenge.text)?.[1] ?? '';
    const code = ['User-Name = "jennifer"', 'User-Password = "755224"', SIGNED];
    const accepted = await run([...code, `State = ${state}`]);
    expect(accepted.text).to.include('Received Access-Accept');
    expect(accepted.code).to.equal(0);
    const rejected = await run(code);
    expect(rejected.text).to.include('Received Access-Reject').and.to.include('Message = "Out"');
    expect(rejected.code).to.equal(1);
    for (const { text } of [challenge, accepted, rejected]) {
      expect(text).to.match(/Received[^\n]*\n\s+Message-Authenticator = /);
    }
  });

  it('asks with Status-Server, and is told that the server lives', async () => {
    const { code, text } = await run([SIGNED], 'status');
    expect(text).to.include('Received Access-Accept');
    expect(code).to.equal(0);
    expect(listening.count('statusServer')).to.equal(1);
  });

  it('gets its Proxy-State back, and an answer to CHAP', async () => {
    const proxied = await run([
      ...['User-Name = "jennifer"', 'User-Password = "x"', SIGNED],
      ...['Proxy-State = 0x0102', 'Proxy-State = 0x03'],
    ]);
    const received = proxied.text.slice(proxied.text.indexOf('Received'));
    expect(received).to.match(/Proxy-State = 0x0102\s+Proxy-State = 0x03/);
    const chap = await run(['User-Name = "jennifer"', 'CHAP-Password = "x"', SIGNED]);
    expect(chap.text).to.include('Received Access-Reject').and.to.include('PAP');
  });

  it('is answered through radsecproxy, over TLS', async function () {
    const radsecproxy = await peerOrSkip(this, 'radsecproxy');
    this.timeout(60_000);
    const authority = await makeAuthority(directory);
    const server = await authority.issue('radius.example.com', ['radius.example.com']);
    const proxy = await authority.issue('proxy.example.com', ['proxy.example.com']);
    const behind = await startListening({
      clients: [clientAt('10.0.0.1', { name: 'proxy', certificates: ['proxy.example.com'] })],
      answer: note,
      options: { listen: [], radsec: { port: 0, caFile: authority.caFile, ...server } },
    });
    const port = await freeUdpPort();
    const configuration = path.join(directory, 'radsecproxy.conf');
    await writeFile(
      configuration,
      [
        `ListenUDP 127.0.0.1:${port}`,
        'LogLevel 2',
        'LogDestination file:///dev/stderr',
        'tls default {',
        `  CACertificateFile ${authority.caFile}`,
        `  CertificateFile ${proxy.certificateFile}`,
        `  CertificateKeyFile ${proxy.keyFile}`,
        '}',
        `client 127.0.0.1 {\n  type udp\n  secret "${new TextDecoder().decode(SECRET)}"\n}`,
        `server fobd {\n  host 127.0.0.1\n  port ${behind.port}\n  type tls\n  secret radsec`,
        '  matchCertificateAttribute SubjectAltName:DNS:/^radius\\.example\\.com$/',
        '  certificateNameCheck off\n  StatusServer on\n}',
        'realm * {\n  server fobd\n}',
        '',
      ].join('\n'),
    );
    const child = spawn(radsecproxy.path, ['-f', '-c', configuration], {
      env: radsecproxy.env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'close');
    const said: string[] = [];
    try {
      const lines = createInterface({ input: child.stderr });
      lines.on('line', (line) => said.push(line));
      const connected = new Promise<void>((resolve) => {
        lines.on('line', (line) => /connection to .* (up|established)/i.test(line) && resolve());
      });
      await Promise.race([connected, ended]);
      const lineOf = ['User-Name = "jennifer"', 'User-Password = "x"', SIGNED];
      const { text } = await run(lineOf, 'auth', port);
      expect(text, said.join('\n')).to.include('Received Access-Reject');
      expect(asked.map(({ client, password }) => [client.name, password])).to.deep.equal([
        ['proxy', 'x'],
      ]);
    } finally {
      child.kill('SIGKILL');
      await ended;
      await behind.close();
    }
  });
});
