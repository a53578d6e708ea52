import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { formatCsv } from '../../../shared/seed-files/csv-format.ts';
import { browserOrSkip, type TestBrowser } from '../../support/browser.ts';
import { openssl } from '../../support/certificates.ts';
import { type Peer, peerOrSkip } from '../../support/debian.ts';
import { fobd, serveInProcess } from '../../support/fobd-in-process.ts';
import { temporaryDirectory } from '../../support/fobd-process.ts';
import { eventCode, eventEntry } from '../http/served.ts';

/**
 * The quick start with real proxies, a real browser and a whole fobd: what stands in QUICKSTART.md
 * is run, with the names, ports and paths of the test in place of its own.
 */

const PAGE = fileURLToPath(new URL('../../../server/portal/QUICKSTART.md', import.meta.url));
/** Browsers know that it leads to this machine (RFC 6761 section 6.3). */
const DOMAIN = 'fobtwin.localhost';
const SERIAL = 'E6-00000001';
const PASSWORD = 'a quiet harbour at dusk';

const CADDYFILE = `{
  admin off
  auto_https disable_redirects
  default_bind 127.0.0.1
}
(tls) {
  tls /etc/ssl/example.com.pem /etc/ssl/example.com.key
}
(host) {
  import tls
  forward_auth 127.0.0.1:8080 {
    uri /forward-auth
    copy_headers Remote-User Fobd-Account Fobd-Strength Fobd-Authenticated-At
  }
  reverse_proxy 127.0.0.1:3000
}
https://login.example.com {
  import tls
  reverse_proxy 127.0.0.1:8080
}
https://wiki.example.com {
  import host
}
https://notes.example.com {
  import host
}
`;

const block = (page: string, language: string): string => {
  const [, text] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`no block of ${language} in the quick start`);
  return text;
};

/** As the page says: another host is one more block like the last, with its own name. */
function withNotes(config: string): string {
  const last = config.slice(config.lastIndexOf('\nserver {'));
  return config + last.replaceAll('wiki.example.com', 'notes.example.com');
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** An application that tells what reaches it, and is asked by a header what it saw. */
async function startUpstream(): Promise<{
  readonly server: Server;
  readonly address: string;
  readonly seen: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
}> {
  const seen: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    if (url !== '/favicon.ico') seen.push({ url, headers });
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Set-Cookie', 'own=1; Path=/');
    response.end(`<!doctype html><title>application</title><h1>${headers.host}</h1>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** Resolves when something answers there, or rejects with what the program said at its end. */
async function untilListening(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the proxy ended: ${said}`);
  });
  const connected = async () => {
    for (;;) {
      const socket = net.connect(port, '127.0.0.1');
      const isOpen = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (isOpen) return;
    }
  };
  await Promise.race([connected(), ended]);
}

interface Stage {
  readonly port: number;
  readonly page: Page;
  readonly seen: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
  readonly context: BrowserContext;
}

describe('a proxy that asks fobd who comes in', () => {
  let test: TestBrowser;
  const cleanups: (() => unknown)[] = [];

  before(async function () {
    test = await browserOrSkip(this);
  });
  after(() => test?.browser.close());
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Everything that the page names, as it is here. */
  const stage = async (kind: 'nginx' | 'caddy', peer: Peer): Promise<Stage> => {
    const directory = await temporaryDirectory();
    cleanups.push(() => directory.remove());
    const { place } = directory;
    const port = await freePort();
    const upstream = await startUpstream();
    cleanups.push(() => {
      upstream.server.closeAllConnections();
      upstream.server.close();
    });
    await openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-days', '2', '-subj', `/CN=${DOMAIN}`, '-addext', `subjectAltName=DNS:*.${DOMAIN}`],
      ...['-keyout', path.join(place, 'tls.key'), '-out', path.join(place, 'tls.pem')],
    );
    const here = (text: string): string =>
      text
        .replaceAll('/etc/ssl/example.com', path.join(place, 'tls'))
        .replaceAll(/https:\/\/(\w+)\.example\.com/g, `https://$1.${DOMAIN}:${port}`)
        .replaceAll('example.com', DOMAIN)
        .replaceAll('listen 443', `listen 127.0.0.1:${port}`)
        .replaceAll('"kind": "nginx"', `"kind": "${kind}"`)
        .replaceAll('127.0.0.1:3000', upstream.address);
    const quickStart = await readFile(PAGE, 'utf8');
    await writeFile(path.join(place, 'forward-auth.json'), here(block(quickStart, 'json')));
    await writeFile(path.join(place, 'password.txt'), `${PASSWORD}\n`);
    await writeFile(path.join(place, 'tokens.csv'), formatCsv([eventEntry(SERIAL)]));
    const address = await startFobdAs(here(block(quickStart, 'sh')), place);
    const atFobd = (text: string) => here(text).replaceAll('127.0.0.1:8080', address);
    const nginx = withNotes(block(quickStart, 'nginx'));
    const config = atFobd(kind === 'nginx' ? nginx : CADDYFILE);
    const child = await (kind === 'nginx' ? startNginx : startCaddy)(peer, place, config);
    cleanups.push(async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    });
    await untilListening(child, port);
    const context = await test.browser.newContext({ ignoreHTTPSErrors: true });
    cleanups.push(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(8_000);
    return { port, page, seen: upstream.seen, context };
  };

  const startFobdAs = async (commands: string, place: string): Promise<string> => {
    const lines = commands.split('\n').filter((line) => line.startsWith('fobd '));
    const wordsOf = (line: string) =>
      Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '');
    for (const line of lines.filter((text) => !text.startsWith('fobd serve'))) {
      const ran = await fobd(wordsOf(line).slice(1), { directory: place });
      if (ran.code !== 0) throw new Error(`${line}: ${ran.stderr}`);
    }
    const data = path.join(place, 'fobd-data');
    const codes = `${eventCode(SERIAL, 0)}\n${eventCode(SERIAL, 1)}\n`;
    const registration = ['token', 'register', SERIAL, '--account', 'blue_j', '--data', data];
    const registered = await fobd(registration, { input: codes, directory: place });
    if (registered.code !== 0) throw new Error(registered.stderr);
    const [, , , , ...serving] = wordsOf(lines.find((text) => text.startsWith('fobd serve')) ?? '');
    const served = await serveInProcess(data, serving, { directory: place });
    cleanups.push(() => served.stop());
    return new URL(served.address).host;
  };

  const startNginx = async (peer: Peer, place: string, config: string): Promise<ChildProcess> => {
    const file = path.join(place, 'nginx.conf');
    await mkdir(path.join(place, 'temporary'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${path.join(place, 'temporary', name)};`)
      .join('\n');
    const frame = `daemon off;\nmaster_process off;\npid ${path.join(place, 'nginx.pid')};
error_log stderr warn;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${config}}\n`;
    await writeFile(file, frame);
    const args = ['-e', 'stderr', '-p', place, '-c', file];
    return spawn(peer.path, args, { env: peer.env, stdio: ['ignore', 'ignore', 'pipe'] });
  };

  const startCaddy = async (peer: Peer, place: string, config: string): Promise<ChildProcess> => {
    const file = path.join(place, 'Caddyfile');
    await writeFile(file, config);
    return spawn(peer.path, ['run', '--config', file, '--adapter', 'caddyfile'], {
      env: { ...peer.env, HOME: place, XDG_DATA_HOME: place, XDG_CONFIG_HOME: place },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  };

  const at = (port: number, host: string, rest = '/') => `https://${host}.${DOMAIN}:${port}${rest}`;

  const giveCode = async ({ page }: Stage, counter: number): Promise<void> => {
    await page.getByLabel('Code').fill(eventCode(SERIAL, counter));
    await page.getByRole('button', { name: 'Submit' }).click();
  };

  /** Not signed in, password only, too weak, elevated, signed out. */
  const walk = async (scene: Stage): Promise<void> => {
    const { page, port, seen, context } = scene;
    await page.goto(at(port, 'notes', '/list?of=all'));
    expect(new URL(page.url()).hostname).to.equal(`login.${DOMAIN}`);
    expect(seen).to.deep.equal([]);
    await page.getByLabel('User ID').fill('BLUE_J');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Skip OTP' }).click();
    await page.waitForURL(at(port, 'notes', '/list?of=all'));
    const [first] = seen;
    expect(first?.url).to.equal('/list?of=all');
    expect(first?.headers).to.include({
      'remote-user': 'blue_j',
      'fobd-account': 'blue_j',
      'fobd-strength': 'password',
    });
    expect(first?.headers['fobd-authenticated-at']).to.match(/^20\d\d-\d\d-\d\dT.*Z$/);

    // Too weak: the code alone is asked for, and there is no way round it.
    await page.goto(at(port, 'wiki', '/page'));
    expect(new URL(page.url()).hostname).to.equal(`login.${DOMAIN}`);
    expect(await page.getByRole('button', { name: 'Skip OTP' }).count()).to.equal(0);
    expect(seen).to.have.length(1);
    await giveCode(scene, 2);
    await page.waitForURL(at(port, 'wiki', '/page'));
    expect(seen.at(-1)?.headers).to.include({
      'remote-user': 'blue_j',
      'fobd-strength': 'hardwareToken',
    });

    // What a browser says of itself is not what the application hears.
    await page.setExtraHTTPHeaders({
      'Remote-User': 'root',
      'Fobd-Account': 'root',
      'Fobd-Strength': 'root',
      'X-Original-URL': at(port, 'notes'),
      'X-Forwarded-Host': `notes.${DOMAIN}:${port}`,
    });
    await page.goto(at(port, 'wiki', '/again'));
    const spoofed = seen.at(-1)?.headers;
    expect(spoofed).to.include({ 'remote-user': 'blue_j', 'fobd-account': 'blue_j' });
    expect(spoofed?.['fobd-strength']).to.equal('hardwareToken');

    const pages = (await context.cookies()).filter(({ name }) => /fobd/.test(name));
    expect(pages.every(({ httpOnly, secure }) => httpOnly && secure)).to.equal(true);
    expect(pages.find(({ name }) => name === '__Host-fobd-session')?.domain).to.equal(
      `login.${DOMAIN}`,
    );

    await page.setExtraHTTPHeaders({});
    await page.goto(at(port, 'login', '/account'));
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByText('You are signed out').waitFor();
    const before = seen.length;
    await page.goto(at(port, 'wiki', '/page'));
    expect(new URL(page.url()).pathname).to.equal('/sign-in');
    // Password and code in one go now.
    await page.getByLabel('User ID').fill('blue_j');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(seen).to.have.length(before);
    await giveCode(scene, 3);
    await page.waitForURL(at(port, 'wiki', '/page'));
  };

  it('is nginx, as the quick start sets it up', async function () {
    const peer = await peerOrSkip(this, 'nginx');
    this.timeout(60_000);
    const scene = await stage('nginx', peer);
    await walk(scene);
    // The quick start's own promise.
    const cookies = scene.seen.map(({ headers }) => headers.cookie ?? '');
    expect(cookies.filter((cookie) => /fobd/.test(cookie))).to.deep.equal([]);
    expect(cookies.at(-1)).to.equal('own=1');
    const asked = await scene.page.goto(at(scene.port, 'login', '/forward-auth'));
    expect(asked?.status()).to.equal(404);
  });

  it('is Caddy with forward_auth', async function () {
    const peer = await peerOrSkip(this, 'caddy');
    this.timeout(60_000);
    await walk(await stage('caddy', peer));
  });
});
