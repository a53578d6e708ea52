import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import envPaths from 'env-paths';
import lockfile from 'proper-lockfile';
import { missingPackages, prepareApt, run } from './apt.ts';

/**
 * Debian's programs as peers, without root: one that is on PATH is taken, another is fetched with
 * its missing libraries by apt-get, with state of its own, and unpacked into a cache.
 */

export type PeerName =
  | 'caddy'
  | 'eapol_test'
  | 'freeradius'
  | 'nginx'
  | 'oathtool'
  | 'openssl'
  | 'openvpn'
  | 'pskctool'
  | 'radclient'
  | 'radsecproxy'
  | 'strace'
  | 'systemd-analyze';

/** A program, and the whole environment to run it in. */
export interface Peer {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Packages without a program of their own that is called: a library, unpacked into a directory. */
export type LibraryName =
  | 'freeradius-rest'
  | 'junit4'
  | 'libpam-radius-auth'
  | 'opensc'
  | 'openvpn-auth-radius'
  | 'pamtester'
  | 'python3-pskc'
  | 'python3-pytest'
  | 'rsyslog'
  | 'slapd'
  | 'softhsm2';

/** The peer can be had neither on PATH nor from Debian; the message says why. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable';
}

export interface PeerOptions {
  /** Where programs are looked for, as in PATH. Default: PATH. */
  readonly searchPath?: string;
  /** Where fetched programs are kept. Default: the user's cache, else node_modules/.cache. */
  readonly cache?: string;
}

/** All that one peer may take: fetching it, or waiting until another process has. */
const PEER_TIMEOUT_MILLIS = 420_000;
/** The package that each lies in, and how it is asked whether it runs. */
const PEERS: Readonly<Record<PeerName, { readonly from: string; readonly trial: string }>> = {
  caddy: { from: 'caddy', trial: 'version' },
  eapol_test: { from: 'eapoltest', trial: '-v' },
  freeradius: { from: 'freeradius', trial: '-v' },
  nginx: { from: 'nginx', trial: '-v' },
  oathtool: { from: 'oathtool', trial: '--version' },
  openssl: { from: 'openssl', trial: 'version' },
  openvpn: { from: 'openvpn', trial: '--version' },
  pskctool: { from: 'pskctool', trial: '--version' },
  radclient: { from: 'freeradius-utils', trial: '-v' },
  radsecproxy: { from: 'radsecproxy', trial: '-v' },
  strace: { from: 'strace', trial: '--version' },
  'systemd-analyze': { from: 'systemd', trial: '--version' },
};
/** Of several processes one fetches; so long the others wait for it. */
const WAITING = {
  stale: 30_000,
  update: 5_000,
  retries: { retries: 400, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 },
};
const CATALOG = 'fobtwin-catalog.xml';
const PSKC_SCHEMAS = 'usr/share/xml/pskc';

const found = new Map<PeerName, Promise<Peer>>();

/**
 * For a `before` hook: the peer, or the tests are skipped loudly. Where `CI` is set they fail.
 *
 *     before(async function () { oathtool = await peerOrSkip(this, 'oathtool'); });
 */
export async function peerOrSkip(context: Mocha.Context, name: PeerName): Promise<Peer> {
  context.timeout(PEER_TIMEOUT_MILLIS);
  try {
    return await debianProgram(name);
  } catch (error) {
    if (!(error instanceof PeerUnavailable) || process.env['CI']) throw error;
    console.warn(`\n  SKIPPED for want of ${name}: ${error.message}\n`);
    return context.skip();
  }
}

/** As `peerOrSkip`, for a library: the directory that it is unpacked in. */
export async function libraryOrSkip(context: Mocha.Context, name: LibraryName): Promise<string> {
  context.timeout(PEER_TIMEOUT_MILLIS);
  try {
    return await debianLibrary(name);
  } catch (error) {
    if (!(error instanceof PeerUnavailable) || process.env['CI']) throw error;
    console.warn(`\n  SKIPPED for want of ${name}: ${error.message}\n`);
    return context.skip();
  }
}

/**
 * The package as it would lie under `/`, with those it depends on and this machine lacks.
 *
 * @throws PeerUnavailable
 */
export async function debianLibrary(
  name: LibraryName,
  { cache }: Pick<PeerOptions, 'cache'> = {},
): Promise<string> {
  const home = path.join(await cacheDirectory(cache), await releaseName());
  const root = path.join(home, name);
  if (await isThere(root)) return root;
  await mkdir(home, { recursive: true });
  const release = await lockfile.lock(home, WAITING);
  try {
    if (!(await isThere(root))) await unpack(name, home, root);
    return root;
  } catch (error) {
    throw new PeerUnavailable(`${name} could not be fetched: ${reasonOf(error)}`, { cause: error });
  } finally {
    await release();
  }
}

/** @throws PeerUnavailable */
export function debianProgram(name: PeerName, options: PeerOptions = {}): Promise<Peer> {
  if (Object.keys(options).length > 0) return findPeer(name, options);
  const known = found.get(name) ?? findPeer(name, options);
  found.set(name, known);
  return known;
}

async function findPeer(name: PeerName, options: PeerOptions): Promise<Peer> {
  const searchPath = options.searchPath ?? process.env['PATH'] ?? '';
  const installed = await findProgram(name, searchPath);
  if (installed !== undefined) return { path: installed, env: { ...process.env } };
  for (const tool of ['apt-get', 'dpkg']) {
    if ((await findProgram(tool, searchPath)) === undefined) {
      throw new PeerUnavailable(`${name} is not on PATH, and without ${tool} it cannot be fetched`);
    }
  }
  const home = path.join(await cacheDirectory(options.cache), await releaseName());
  const root = path.join(home, name);
  const cached = await openRoot(root, name);
  if (cached !== undefined) return cached;
  await mkdir(home, { recursive: true });
  return fetchOnce(home, root, name);
}

/** Of several processes that want it at the same time one fetches, and the others wait. */
async function fetchOnce(home: string, root: string, name: PeerName): Promise<Peer> {
  const release = await lockfile.lock(home, WAITING);
  try {
    const peer = (await openRoot(root, name)) ?? (await fetchPeer(home, root, name));
    await run(peer.path, [PEERS[name].trial], { env: peer.env });
    return peer;
  } catch (error) {
    throw new PeerUnavailable(`${name} could not be fetched: ${reasonOf(error)}`, { cause: error });
  } finally {
    await release();
  }
}

async function fetchPeer(home: string, root: string, name: PeerName): Promise<Peer> {
  await unpack(PEERS[name].from, home, root);
  const peer = await openRoot(root, name);
  if (peer === undefined) throw new Error('its package does not hold the program');
  return peer;
}

async function unpack(packageName: string, home: string, root: string): Promise<void> {
  const work = await mkdtemp(path.join(home, `.${packageName}-`));
  try {
    const apt = await prepareApt(home);
    await apt(['update'], work);
    const packages = await missingPackages(packageName, apt, work);
    await apt(['download', ...packages], work);
    const unpacked = path.join(work, 'root');
    await mkdir(unpacked);
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg', ['-x', path.join(work, file), unpacked]);
    }
    await writeCatalog(unpacked, root);
    // Whole or not at all: a program that is there has its libraries beside it.
    await rm(root, { recursive: true, force: true });
    await rename(unpacked, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * pskctool finds its schema through a catalog whose addresses are those of an installed package;
 * this one leads to where the schema is now.
 */
async function writeCatalog(unpacked: string, root: string): Promise<void> {
  const catalog = path.join(unpacked, PSKC_SCHEMAS, 'catalog-pskc.xml');
  if (!(await isThere(catalog))) return;
  const there = pathToFileURL(path.join(root, PSKC_SCHEMAS)).href;
  const text = await readFile(catalog, 'utf8');
  await writeFile(path.join(unpacked, CATALOG), text.replaceAll(`/${PSKC_SCHEMAS}`, there));
}

async function openRoot(root: string, name: PeerName): Promise<Peer | undefined> {
  const program = await findProgram(name, `${root}/usr/bin:${root}/bin:${root}/usr/sbin`);
  if (program === undefined) return undefined;
  const env = await environmentOf(root);
  const catalog = path.join(root, CATALOG);
  if (await isThere(catalog)) env['XML_CATALOG_FILES'] = pathToFileURL(catalog).href;
  const openssl = path.join(root, 'etc/ssl/openssl.cnf');
  if (await isThere(openssl)) env['OPENSSL_CONF'] = openssl;
  return { path: program, env };
}

/** For a program in `root`: its libraries are looked for there first. */
export async function environmentOf(root: string): Promise<NodeJS.ProcessEnv> {
  const inherited = process.env['LD_LIBRARY_PATH'];
  const libraries = [...(await libraryDirectories(root)), ...(inherited ? [inherited] : [])];
  if (libraries.length === 0) return { ...process.env };
  return { ...process.env, LD_LIBRARY_PATH: libraries.join(':') };
}

/** `usr/lib/TRIPLET`, `usr/lib/TRIPLET/PACKAGE` and the like, where shared libraries are in it. */
async function libraryDirectories(root: string): Promise<string[]> {
  const directories: string[] = [];
  for (const base of [path.join(root, 'usr/lib'), path.join(root, 'lib')]) {
    const inside = await directoriesIn(base);
    const deeper = (await Promise.all(inside.map(directoriesIn))).flat();
    for (const directory of [base, ...inside, ...deeper]) {
      const files = await entriesOf(directory);
      if (files.some((file) => /\.so(\.|$)/.test(file))) directories.push(directory);
    }
  }
  return directories;
}

const directoriesIn = async (directory: string): Promise<string[]> =>
  (await entriesOf(directory)).map((entry) => path.join(directory, entry));

/** An unpacked program suits only the release and the processor that it was made for. */
async function releaseName(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([\\w.]+)`, 'm').exec(release)?.[1];
  return [field('ID') ?? 'unknown', field('VERSION_ID') ?? 'unstable', process.arch].join('-');
}

async function cacheDirectory(wanted: string | undefined): Promise<string> {
  const modules = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
  const user = envPaths('fobtwin', { suffix: '' }).cache;
  const candidates = wanted === undefined ? [user, modules] : [wanted];
  for (const candidate of candidates) {
    const directory = path.join(candidate, 'debian-peers');
    const usable = await mkdir(directory, { recursive: true })
      .then(() => access(directory, constants.W_OK))
      .then(() => true)
      .catch(() => false);
    if (usable) return directory;
  }
  throw new PeerUnavailable(`none of these can be written: ${candidates.join(', ')}`);
}

async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const directory of searchPath.split(path.delimiter)) {
    if (directory === '') continue;
    const program = path.join(directory, name);
    if (await isThere(program, constants.X_OK)) return program;
  }
  return undefined;
}

function isThere(file: string, mode = constants.R_OK): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}

function entriesOf(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

/** What the program said last, which is where apt-get and dpkg say what went wrong. */
function reasonOf(error: unknown): string {
  const said = (error as { stderr?: unknown }).stderr;
  const lines = typeof said === 'string' ? said.trim().split('\n').slice(-3) : [];
  const text = lines.join(' ').trim();
  return text === '' ? String(error instanceof Error ? error.message : error) : text;
}
