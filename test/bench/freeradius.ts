import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { encodeBase32 } from '../../shared/base32.ts';
import { debianProgram } from '../support/debian.ts';

/** FreeRADIUS with rlm_totp, from Debian's package, with nothing else to do. */

export interface FreeRadiusWishes {
  /** For its configuration; empty. */
  readonly directory: string;
  readonly port: number;
  readonly secret: string;
  /** Whose codes it takes, from whomever: SHA-1, 6 digits, 30 s. */
  readonly seed: Uint8Array;
  readonly core: number;
}

/** Resolves once it listens. */
export async function startFreeRadius(wishes: FreeRadiusWishes): Promise<ChildProcess> {
  const { directory, core } = wishes;
  const { path: program, env } = await debianProgram('freeradius');
  const root = program.replace(/\/usr\/sbin\/freeradius$/, '');
  await writeFile(path.join(directory, 'radiusd.conf'), configuration(wishes, root));
  const dictionaries = path.join(root, 'usr/share/freeradius');
  const args = ['-f', '-l', 'stdout', '-d', directory, '-D', dictionaries];
  const child = spawn('taskset', ['-c', String(core), program, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  const ended = once(child, 'exit').then(() => {
    throw new Error(`FreeRADIUS ended before it listened: ${said.join('\n')}`);
  });
  const listens = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (line.includes('Ready to process requests')) resolve();
    });
  });
  await Promise.race([listens, ended]);
  ended.catch(() => undefined);
  return child;
}

/** One thread for requests; nothing is logged, delayed, or kept after its reply. */
function configuration({ directory, port, secret, seed }: FreeRadiusWishes, root: string): string {
  return `
prefix = ${root}/usr
libdir = ${root}/usr/lib/freeradius
logdir = ${directory}
raddbdir = ${directory}
run_dir = ${directory}
confdir = ${directory}
modconfdir = ${directory}
pidfile = ${directory}/radiusd.pid
name = radiusd
max_request_time = 30
cleanup_delay = 0
max_requests = 16384
hostname_lookups = no
proxy_requests = no
log {
  destination = stdout
  auth = no
}
security {
  max_attributes = 200
  reject_delay = 0
  status_server = no
}
client bench {
  ipaddr = 127.0.0.1
  secret = ${secret}
  require_message_authenticator = yes
}
thread pool {
  start_servers = 1
  max_servers = 1
  min_spare_servers = 1
  max_spare_servers = 1
  max_requests_per_server = 0
  auto_limit_acct = no
}
modules {
  totp {
  }
}
server bench {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    update control {
      &TOTP-Secret := "${encodeBase32(seed)}"
      &Auth-Type := totp
    }
    update request {
      &TOTP-Password := "%{User-Password}"
    }
  }
  authenticate {
    Auth-Type totp {
      totp
    }
  }
}
`;
}
