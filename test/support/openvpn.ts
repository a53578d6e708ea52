import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './apt.ts';
import { environmentOf, libraryOrSkip, type Peer, peerOrSkip } from './debian.ts';

/** OpenVPN and its RADIUS plugin as Debian has them, each process with a file of the test's own. */

export interface OpenVpn {
  /** Of the RADIUS plugin, for a server's line: absolute. */
  readonly plugin: string;
  /** Whether a tun device can be had; OpenVPN was asked. */
  canMakeDevices(): Promise<boolean>;
  /** Starts it with this configuration, written to `NAME.conf`. */
  start(name: string, configuration: string): Promise<VpnProcess>;
}

export interface VpnProcess {
  /** What it has said so far. */
  said(): string;
  /** Resolves once that has been said, with what was matched. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

const PLUGIN = 'usr/lib/openvpn/radiusplugin.so';

/** As `peerOrSkip`, for both programs. */
export async function openVpnOrSkip(context: Mocha.Context, place: string): Promise<OpenVpn> {
  const peer = await peerOrSkip(context, 'openvpn');
  const library = await libraryOrSkip(context, 'openvpn-auth-radius');
  // What the plugin depends on is what OpenVPN depends on, and more.
  const env = { ...peer.env, ...(await environmentOf(library)) };
  return {
    plugin: path.join(library, PLUGIN),
    canMakeDevices: () => makesDevices(peer, env),
    async start(name, configuration) {
      const file = path.join(place, `${name}.conf`);
      await writeFile(file, configuration, { mode: 0o600 });
      return watch(spawn(peer.path, ['--config', file], { env, cwd: place }));
    },
  };
}

/** Makes one and removes it: only root may, and not in every container. @throws otherwise */
async function makesDevices({ path: program }: Peer, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const device = ['--dev', `fobt${process.pid}`, '--dev-type', 'tun'];
  try {
    await run(program, ['--mktun', ...device], { env });
    await run(program, ['--rmtun', ...device], { env });
    return true;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    if (tellsOfNoDevices(`${stdout}${stderr}`)) return false;
    throw new Error(`OpenVPN made no device, for no reason of this machine: ${stdout}${stderr}`, {
      cause: error,
    });
  }
}

/** EPERM, ENOENT, EACCES, ENODEV: nobody here may have one, or the kernel has none. */
const NO_DEVICES = new Set([1, 2, 13, 19]);

/** Of what OpenVPN says when it has failed: `ERROR: Cannot open TUN/TAP dev … (errno=2)`. */
export function tellsOfNoDevices(said: string): boolean {
  const [, errno] = /^.*\bTUN.*\(errno=(\d+)\)\s*$/m.exec(said) ?? [];
  return errno !== undefined && NO_DEVICES.has(Number(errno));
}

function watch(child: ReturnType<typeof spawn>): VpnProcess {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  const news = new EventEmitter();
  let said = '';
  for (const pipe of [stdout, stderr]) {
    pipe.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
      news.emit('more');
    });
  }
  let isOver = false;
  const ended = once(child, 'close').then(() => {
    isOver = true;
    news.emit('more');
  });
  return {
    said: () => said,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(said);
        if (found !== null) return found;
        if (isOver) {
          throw new Error(`OpenVPN ended before it said ${pattern}: ${said.slice(-3000)}`);
        }
        await once(news, 'more');
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}
