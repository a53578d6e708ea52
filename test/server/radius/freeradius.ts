import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Peer } from '../../support/debian.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';

/** FreeRADIUS as a process, on a port and with files of the test's own. */

export interface FreeRadius {
  readonly port: number;
  /** What it has said so far. */
  said(): string;
  stop(): Promise<void>;
}

export interface FreeRadiusWishes {
  readonly place: string;
  /** Of those who ask it. */
  readonly secret: string;
  /** Behind the client's: home servers, realms. */
  readonly configuration: string;
  /** Sections of its virtual server. */
  readonly sections: string;
  /** Modules of its own, such as `pap {}`. Default none. */
  readonly modules?: string;
  /** Where modules lie beside its own: absolute. Default nowhere. */
  readonly moduleDirectory?: string;
}

export async function startFreeRadius(peer: Peer, wishes: FreeRadiusWishes): Promise<FreeRadius> {
  const port = await freeUdpPort();
  const directory = path.join(wishes.place, 'raddb');
  await mkdir(directory, { recursive: true });
  const root = path.resolve(path.dirname(peer.path), '../..');
  const below = (file: string) => path.join(root === '/' ? '/' : root, file);
  const { moduleDirectory } = wishes;
  const libraries = [below('usr/lib/freeradius'), ...(moduleDirectory ? [moduleDirectory] : [])];
  await writeFile(
    path.join(directory, 'radiusd.conf'),
    configurationOf(wishes, { directory, port, libraries: libraries.join(':') }),
    { mode: 0o600 },
  );
  const dictionaries = below('usr/share/freeradius');
  const args = ['-f', '-xx', '-l', 'stdout', '-d', directory, '-D', dictionaries];
  const child = spawn(peer.path, args, { env: peer.env });
  const said = await untilReady(child);
  return {
    port,
    said,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const configurationOf = (
  { secret, configuration, sections, modules = '' }: FreeRadiusWishes,
  at: { readonly directory: string; readonly port: number; readonly libraries: string },
): string => `
prefix = ${at.directory}
logdir = ${at.directory}
run_dir = ${at.directory}
raddbdir = ${at.directory}
libdir = ${at.libraries}
pidfile = ${at.directory}/radiusd.pid
max_request_time = 10
cleanup_delay = 5
max_requests = 4096
security {
  allow_vulnerable_openssl = yes
  reject_delay = 0
}
modules {
${modules}
}
client local {
  ipaddr = 127.0.0.0/8
  secret = "${secret}"
}
${configuration}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${at.port}
  }
${sections}
}
`;

async function untilReady({ stdout, stderr }: ChildProcess): Promise<() => string> {
  if (stdout === null || stderr === null) throw new Error('no pipes');
  let said = '';
  stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  stdout.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const ended = once(stdout, 'end');
  while (!said.includes('Ready to process requests')) {
    const more = await Promise.race([once(stdout, 'data'), ended.then(() => undefined)]);
    if (more === undefined) throw new Error(`FreeRADIUS did not start: ${said.slice(-2000)}`);
  }
  return () => said;
}
