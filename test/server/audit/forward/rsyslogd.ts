import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { environmentOf } from '../../../support/debian.ts';

/** Debian's rsyslog as the collector: what it makes of a message is in a file. */
export interface Rsyslogd {
  readonly tcpPort: number;
  readonly udpPort: number;
  /** The texts of the messages that it has written, once there are so many different ones. */
  have(count: number): Promise<readonly string[]>;
  /** Ends it; it writes what it has taken first. */
  stop(): Promise<void>;
}

const PORT_FILE = 'tcp-port';
const MESSAGES = 'messages';

/**
 * @param root where its package is unpacked
 * @param place an empty directory of its own, or the one of a run before: it goes on there
 * @param ports those of that run: then it may not listen yet, for it tells no port but its own
 * choice. Default free ones.
 */
export async function startRsyslogd(
  root: string,
  place: string,
  ports: Partial<Pick<Rsyslogd, 'tcpPort' | 'udpPort'>> = {},
): Promise<Rsyslogd> {
  const { tcpPort = 0, udpPort = await freeUdpPort() } = ports;
  const configuration = path.join(place, 'rsyslog.conf');
  await writeFile(configuration, configurationOf(place, { tcpPort, udpPort }));
  const portFile = path.join(place, PORT_FILE);
  await writeFile(portFile, '');
  const ownProcess = spawn(
    path.join(root, 'usr/sbin/rsyslogd'),
    [
      ...['-n', '-f', configuration, '-i', path.join(place, 'pid')],
      ...['-M', await modulesOf(root)],
    ],
    { env: await environmentOf(root), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const listening =
    tcpPort !== 0
      ? tcpPort
      : await until(place, ownProcess, async () => Number(await readFile(portFile, 'utf8')));
  return {
    tcpPort: listening,
    udpPort,
    have: (count) =>
      until(place, ownProcess, async () => {
        const text = await readFile(path.join(place, MESSAGES), 'utf8').catch(() => '');
        const messages = text.split('\n').slice(0, -1);
        return new Set(messages).size >= count ? messages : undefined;
      }),
    async stop() {
      if (ownProcess.exitCode !== null) return;
      const ended = once(ownProcess, 'exit');
      ownProcess.kill('SIGTERM');
      await ended;
    },
  };
}

const configurationOf = (place: string, { tcpPort, udpPort }: Record<string, number>): string =>
  [
    `global(workDirectory="${place}" parser.escapeControlCharactersOnReceive="on")`,
    'module(load="imtcp")',
    'module(load="imudp")',
    'template(name="told" type="string" string="%pri% %hostname% %app-name% %msgid%|%msg%\\n")',
    `input(type="imtcp" address="127.0.0.1" port="${tcpPort}"`,
    `  listenPortFileName="${path.join(place, PORT_FILE)}")`,
    `input(type="imudp" address="127.0.0.1" port="${udpPort}")`,
    // Of its own affairs it tells too.
    `if $app-name == "fobd" then`,
    `  action(type="omfile" file="${path.join(place, MESSAGES)}" template="told")`,
    '',
  ].join('\n');

async function modulesOf(root: string): Promise<string> {
  const libraries = path.join(root, 'usr/lib');
  for (const name of await readdir(libraries)) {
    const modules = path.join(libraries, name, 'rsyslog');
    const found: readonly string[] = await readdir(modules).catch(() => []);
    if (found.includes('imtcp.so')) return modules;
  }
  throw new Error(`no modules of rsyslog under ${root}`);
}

/** rsyslog cannot pick one itself. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  return port;
}

/** Asks after each change in `place`, until the answer is one. */
async function until<T>(
  place: string,
  ownProcess: ChildProcess,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const asking = new AbortController();
  const { signal } = asking;
  const changes = watch(place, { signal });
  let change = once(changes, 'change', { signal });
  const gone = once(ownProcess, 'exit', { signal }).then(() => {
    throw new Error('rsyslogd ended');
  });
  gone.catch(() => undefined);
  try {
    for (;;) {
      const answer = await ask();
      if (answer) return answer;
      await Promise.race([change, gone]);
      change = once(changes, 'change', { signal });
    }
  } finally {
    change.catch(() => undefined);
    asking.abort();
  }
}
