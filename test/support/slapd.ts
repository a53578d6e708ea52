import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Attribute, Change, Client } from 'ldapts';
import type { MadeCertificate } from './certificates.ts';
import { environmentOf, libraryOrSkip } from './debian.ts';

/**
 * OpenLDAP's server as a process of its own, from Debian's package unpacked without root, with its
 * configuration and its database in a directory of the test's.
 */

const execute = promisify(execFile);
/** Another process may take a port between our asking for a free one and slapd's taking it. */
const ATTEMPTS = 5;

export const SUFFIX = 'dc=example';
export const MANAGER = { dn: `cn=manager,${SUFFIX}`, password: 'manager of the test' } as const;

export interface SlapdOptions {
  /** Where its files are put; the test's, who removes it. */
  readonly directory: string;
  /** What it holds, below `SUFFIX`. */
  readonly ldif: string;
  /** For StartTLS and LDAPS; absent: neither. */
  readonly tls?: MadeCertificate | undefined;
  /** Lines of slapd.conf of the database: overlays and the like. */
  readonly database?: readonly string[];
  /** Modules beside back_mdb. */
  readonly modules?: readonly string[];
  /** Text of a schema beside those of OpenLDAP. */
  readonly schema?: string;
}

export interface Slapd {
  readonly ldapPort: number;
  /** Nothing listens there where no certificate was given. */
  readonly ldapsPort: number;
  /** Ends the process; `start` has it back at the same ports with what it held. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Replaces one attribute as the manager; no values take it away. */
  replace(dn: string, attribute: string, ...values: string[]): Promise<void>;
  /** The values of one attribute, also an operational one, as the manager sees them. */
  read(dn: string, attribute: string): Promise<readonly string[]>;
}

/**
 * For a `before` hook: the server, or the tests are skipped loudly. Where `CI` is set they fail.
 */
export async function slapdOrSkip(context: Mocha.Context, options: SlapdOptions): Promise<Slapd> {
  const root = await libraryOrSkip(context, 'slapd');
  const configuration = await writeConfiguration(root, options);
  const env = await environmentOf(root);
  const program = (name: string) => path.join(root, 'usr/sbin', name);
  const data = path.join(options.directory, 'data.ldif');
  await writeFile(data, `dn: ${SUFFIX}\nobjectClass: domain\ndc: example\n\n${options.ldif}`);
  await execute(program('slapadd'), ['-f', configuration, '-l', data], { env });
  for (let attempt = 1; ; attempt += 1) {
    const server = new SlapdProcess(program('slapd'), configuration, env, await freePorts());
    try {
      await server.start();
      return server;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function writeConfiguration(root: string, options: SlapdOptions): Promise<string> {
  const { directory, tls, database = [], modules = [], schema = '' } = options;
  const place = (name: string) => path.join(directory, name);
  await mkdir(place('db'));
  await writeFile(place('test.schema'), schema);
  const schemas = ['core', 'cosine', 'nis', 'inetorgperson'].map((name) =>
    path.join(root, 'etc/ldap/schema', `${name}.schema`),
  );
  const lines = [
    ...[...schemas, place('test.schema')].map((file) => `include ${file}`),
    `pidfile ${place('slapd.pid')}`,
    `argsfile ${place('slapd.args')}`,
    `modulepath ${path.join(root, 'usr/lib/ldap')}`,
    ...['back_mdb', ...modules].map((name) => `moduleload ${name}`),
    ...(tls === undefined
      ? []
      : [
          `TLSCertificateFile ${tls.certificateFile}`,
          `TLSCertificateKeyFile ${tls.keyFile}`,
          `TLSCACertificateFile ${tls.certificateFile}`,
        ]),
    'database mdb',
    `suffix ${SUFFIX}`,
    `rootdn ${MANAGER.dn}`,
    `rootpw "${MANAGER.password}"`,
    `directory ${place('db')}`,
    'maxsize 16777216',
    ...database,
    '',
  ];
  await writeFile(place('slapd.conf'), lines.join('\n'));
  return place('slapd.conf');
}

class SlapdProcess implements Slapd {
  readonly ldapPort: number;
  readonly ldapsPort: number;
  readonly #program: string;
  readonly #configuration: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  constructor(
    program: string,
    configuration: string,
    env: NodeJS.ProcessEnv,
    [ldapPort, ldapsPort]: readonly [number, number],
  ) {
    this.#program = program;
    this.#configuration = configuration;
    this.#env = env;
    this.ldapPort = ldapPort;
    this.ldapsPort = ldapsPort;
  }

  async start(): Promise<void> {
    const addresses = `ldap://127.0.0.1:${this.ldapPort} ldaps://127.0.0.1:${this.ldapsPort}`;
    // A debug level keeps it in the foreground; this one says when it has begun to listen.
    const parameters = ['-f', this.#configuration, '-h', addresses, '-d', 'conns'];
    const child = spawn(this.#program, parameters, {
      env: this.#env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      if (!/ listen=\d/.test(line)) continue;
      child.stderr.resume();
      return;
    }
    throw new Error(`slapd did not start: ${said.join('\n')}`);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  replace(dn: string, attribute: string, ...values: string[]): Promise<void> {
    const modification = new Attribute({ type: attribute, values });
    return this.#asManager((client) =>
      client.modify(dn, new Change({ operation: 'replace', modification })),
    );
  }

  read(dn: string, attribute: string): Promise<readonly string[]> {
    return this.#asManager(async (client) => {
      const found = await client.search(dn, { scope: 'base', attributes: [attribute] });
      return [found.searchEntries[0]?.[attribute] ?? []].flat().map(String);
    });
  }

  async #asManager<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ url: `ldap://127.0.0.1:${this.ldapPort}`, timeout: 10_000 });
    try {
      await client.bind(MANAGER.dn, MANAGER.password);
      return await work(client);
    } finally {
      await client.unbind();
    }
  }
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      return address !== null && typeof address === 'object' ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return [ports[0] ?? 0, ports[1] ?? 0];
}
