import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { type CertificateAuthority, makeAuthority } from '../../support/certificate-authority.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { type OpenVpn, openVpnOrSkip, type VpnProcess } from '../../support/openvpn.ts';
import { type FreeRadius, startFreeRadius } from './freeradius.ts';
import { type QuickStart, readQuickStart } from './quickstart.ts';
import { PASSWORD, type RadiusServed, SECRET, serveRadius, USER } from './serving.ts';

/** OpenVPN with its RADIUS plugin, as server/radius/QUICKSTART.md sets it up. */

interface Gateway {
  readonly served: RadiusServed;
  readonly page: QuickStart;
  readonly vpn: OpenVpn;
  readonly accounting: FreeRadius;
  /** The file of the plugin. */
  readonly settings: string;
  /** Of OpenVPN. */
  readonly port: number;
  readonly authority: CertificateAuthority;
  /** The block of the server, for files and ports of this test. */
  readonly configuration: string;
}

const NAME = 'vpn.example.com';
const UP = /Initialization Sequence Completed/;

describe('OpenVPN signs in', function () {
  this.timeout(60_000);
  let gateway: Gateway;
  const running: VpnProcess[] = [];

  before(async function () {
    gateway = await openGateway(this);
  });
  afterEach(async () => {
    for (const vpn of running.splice(0)) await vpn.stop();
  });
  after(async () => {
    await gateway?.accounting.stop();
    await gateway?.served.stop();
  });

  const start = async (name: string, configuration: string): Promise<VpnProcess> => {
    const vpn = await gateway.vpn.start(name, configuration);
    running.push(vpn);
    return vpn;
  };
  /** A client that is sent away once sends itself away. */
  const signIn = async (typed: string, block: string, name: string): Promise<VpnProcess> => {
    const file = path.join(gateway.served.place, `${name}.typed`);
    await writeFile(file, `${USER}\n${typed}\n`, { mode: 0o600 });
    return start(name, block.replace(/^auth-user-pass$/m, `auth-user-pass ${file}`));
  };
  const outcomes = async (): Promise<readonly unknown[]> =>
    (await gateway.served.audit())
      .filter(({ action }) => action === 'signIn' || action === 'verify')
      .map(({ action, outcome }) => [action, outcome]);

  const needDevices = async (context: Mocha.Context): Promise<void> => {
    if (await gateway.vpn.canMakeDevices()) return;
    console.warn('\n  SKIPPED: no tun device is to be had; the last of these tests needs none.\n');
    context.skip();
  };

  it('through a tunnel, once, and goes on without a code', async function () {
    await needDevices(this);
    const { served, configuration } = gateway;
    const soon = { 'reneg-sec 3600': 'reneg-sec 4', 'gen-token 43200': 'gen-token 43200 120' };
    const server = await start('server', change(configuration, soon));
    await server.says(UP);
    const block = clientOf(gateway, deviceOf('c'));
    const password = `${PASSWORD}${served.press()}`;
    const client = await signIn(password, `${block}verb 3\n`, 'client');
    await client.says(UP);
    expect(client.said()).to.match(/PUSH_REPLY,.*auth-token/s);
    await server.says(/auth-token authentication succeeded for username 'jennifer'/);
    expect(await outcomes()).to.deep.equal([
      ['signIn', 'accepted'],
      ['verify', 'accepted'],
    ]);
    const again = await signIn(password, block, 'again');
    await again.says(/AUTH_FAILED/);
    expect((await outcomes()).slice(2)).to.deep.equal([
      ['signIn', 'accepted'],
      ['verify', 'replayed'],
    ]);
    expect(client.said()).not.to.include('AUTH_FAILED');
  });

  it('and is sent away after reneg-sec without auth-gen-token', async function () {
    await needDevices(this);
    const { served, configuration } = gateway;
    const changes = { 'reneg-sec 3600': 'reneg-sec 4', 'auth-gen-token 43200': '' };
    const server = await start('server', change(configuration, changes));
    await server.says(UP);
    const before = (await outcomes()).length;
    const block = clientOf(gateway, deviceOf('c'));
    const client = await signIn(`${PASSWORD}${served.press()}`, block, 'client');
    await client.says(UP);
    await client.says(/AUTH_FAILED/);
    expect((await outcomes()).slice(before)).to.deep.equal([
      ['signIn', 'accepted'],
      ['verify', 'accepted'],
      ['signIn', 'accepted'],
      ['verify', 'replayed'],
    ]);
  });

  it('without a device: TLS and the plugin alone, once', async () => {
    const { served, authority, settings, configuration } = gateway;
    // One peer alone is not kept out while its answer is awaited.
    const text = await readFile(settings, 'utf8');
    await writeFile(settings, change(text, { 'controlfile=true': 'controlfile=false' }));
    const own = await authority.issue('client');
    const block = clientOf(gateway, 'dev null');
    const bare = `${block}cert ${own.certificateFile}\nkey ${own.keyFile}\n`;
    const before = (await outcomes()).length;
    const password = `${PASSWORD}${served.press()}`;
    for (const comes of [UP, /Auth Username\/Password verification failed/]) {
      const server = await start('server', withoutDevice(configuration));
      await server.says(/UDPv4 link local \(bound\)/);
      const client = await signIn(password, bare, 'bare');
      await server.says(comes);
      await client.stop();
      await server.stop();
    }
    expect((await outcomes()).slice(before)).to.deep.equal([
      ['signIn', 'accepted'],
      ['verify', 'accepted'],
      ['signIn', 'accepted'],
      ['verify', 'replayed'],
    ]);
  });
});

const clientOf = ({ page, port, authority }: Gateway, device: string): string =>
  page.block('auth-user-pass', {
    'dev tun': device,
    [`remote ${NAME} 1194`]: `remote 127.0.0.1 ${port}`,
    'ca ca.pem': `ca ${authority.caFile}`,
  });

/** One peer and no addresses: what belongs to a server of many is left out. */
function withoutDevice(configuration: string): string {
  const ofMany =
    /^(dev|dev-type|topology|server|verify-client-cert|username-as-common-name|auth-gen-token) /;
  const kept = configuration.split('\n').filter((line) => !ofMany.test(`${line} `));
  return [...kept, 'tls-server', 'dev null', 'verb 4', ''].join('\n');
}

const change = (text: string, changes: Readonly<Record<string, string>>): string =>
  Object.entries(changes).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`the block lacks ${from}`);
    return changed.replaceAll(from, to);
  }, text);

/** No longer than Linux takes a name, and of this process alone. */
const deviceOf = (end: 's' | 'c'): string => `dev fob${end}${process.pid}\ndev-type tun`;

async function openGateway(context: Mocha.Context): Promise<Gateway> {
  const freeradius: Peer = await peerOrSkip(context, 'freeradius');
  const page = await readQuickStart();
  const [authentication, accountingPort, port] = [
    await shortPort(),
    await shortPort(),
    await shortPort(),
  ];
  const served = await serveRadius(page.clients('OpenVPN'), {
    listen: [{ port: authentication }],
  });
  const { place } = served;
  const vpn = await openVpnOrSkip(context, place);
  const accounting = await startFreeRadius(freeradius, {
    place,
    secret: SECRET,
    sections: '',
    modules: `detail {\n filename = ${place}/accounting\n}`,
    configuration: page.block('server accounting', {
      'port = 1813': `port = ${accountingPort}`,
    }),
  });
  const authority = await makeAuthority(place);
  const { certificateFile, keyFile } = await authority.issue(NAME, [NAME]);
  const settings = path.join(place, 'radiusplugin.cnf');
  const block = page.block('sharedsecret', {
    '=1813': `=${accountingPort}`,
    '=1812': `=${authentication}`,
    '/etc/openvpn/server.conf': path.join(place, 'server.conf'),
    'the-secret-in-client.secret': SECRET,
  });
  await writeFile(settings, block, { mode: 0o600 });
  const configuration = page.block('auth-gen-token', {
    'port 1194': `port ${port}\nlocal 127.0.0.1`,
    'dev tun': deviceOf('s'),
    '10.8.0.0': `10.${200 + (process.pid % 50)}.${process.pid % 250}.0`,
    '/etc/openvpn/ca.pem': authority.caFile,
    '/etc/openvpn/server.pem': certificateFile,
    '/etc/openvpn/server.key': keyFile,
    '/run/openvpn/status.log': path.join(place, 'status.log'),
    '/usr/lib/openvpn/radiusplugin.so': vpn.plugin,
    '/etc/openvpn/radiusplugin.cnf': settings,
  });
  return { served, page, vpn, accounting, port, authority, settings, configuration };
}

/** Of four digits: the plugin reads no more. Asked for and let go again. */
async function shortPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 2000 + Math.floor(Math.random() * 8000);
    const socket = createSocket('udp4');
    const isFree = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false));
      socket.bind(port, '127.0.0.1', () => resolve(true));
    });
    if (isFree) {
      socket.close();
      await once(socket, 'close');
      return port;
    }
  }
  throw new Error('no port of four digits is free');
}
