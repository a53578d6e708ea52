import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { debianProgram } from './debian.ts';

/** The README's commands, run in order as one who reads it would type them. */

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The blocks of commands, of the whole README or of the section under one heading. */
export async function shellBlocks(heading?: string): Promise<string[]> {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  const part = heading === undefined ? readme : sectionOf(readme, heading);
  return [...part.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.trim());
}

function sectionOf(readme: string, heading: string): string {
  const begin = readme.indexOf(`\n### ${heading}\n`);
  if (begin < 0) throw new Error(`the README has no section ${heading}`);
  const end = readme.indexOf('\n### ', begin + 1);
  return readme.slice(begin, end < 0 ? undefined : end);
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A folder that looks like a checkout after `npm ci && npm run build`, with a home of its own. */
async function checkout(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'fobtwin-readme-'));
  for (const name of ['package.json', 'dist', 'node_modules']) {
    await symlink(path.join(ROOT, name), path.join(folder, name));
  }
  return folder;
}

/** Ports that the README names, and how to see that something listens there. */
const SERVERS = { '8080': 'http://127.0.0.1:8080', '8443': '-k https://127.0.0.1:8443' } as const;

/** Whoever types waits until the server says that it listens. */
function awaitServer(line: string): readonly string[] {
  if (!line.endsWith('&')) return [];
  const port = line.includes('8443') ? '8443' : '8080';
  return [
    'for _ in $(seq 300); do',
    `curl -s -o /dev/null ${SERVERS[port]}/readyz && break; sleep 0.1`,
    'done',
  ];
}

/**
 * After the first `npx` a program of the package is run as npx would run it, without an npm that
 * starts for each of so many commands.
 */
const QUICK_NPX = `npx() {
  command npx "$@"
  npx() { node "dist/$1.js" "\${@:2}"; }
}`;

/** The commands as one script; it stops at the first that fails. */
async function scriptOf(blocks: readonly string[]): Promise<string> {
  const lines = blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => [
      `echo ${JSON.stringify(`$ ${line}`).replaceAll('$', '\\$').replaceAll('`', '\\`')}`,
      line,
      ...awaitServer(line),
    ]);
  let script = ['set -eu -o pipefail', QUICK_NPX, ...lines].join('\n');
  for (const port of Object.keys(SERVERS)) {
    script = script.replaceAll(port, String(await freePort()));
  }
  return script;
}

/** As if the terminal were closed: ends the script and what it left in the background. */
function closeTerminal({ pid }: { readonly pid?: number | undefined }): void {
  if (pid !== undefined) process.kill(-pid, 'SIGTERM');
}

export interface Typed {
  readonly code: unknown;
  readonly output: string;
  readonly errors: string;
}

/** Types the commands into a shell in a fresh checkout. */
export async function typeCommands(blocks: readonly string[]): Promise<Typed> {
  const folder = await checkout();
  try {
    await writeFile(path.join(folder, 'script.sh'), await scriptOf(blocks));
    const { path: openssl, env } = await debianProgram('openssl');
    const PATH = [env['PATH'], path.dirname(openssl)].join(path.delimiter);
    const { LD_LIBRARY_PATH, OPENSSL_CONF } = env;
    const child = spawn('bash', ['script.sh'], {
      cwd: folder,
      env: {
        ...{ PATH, LD_LIBRARY_PATH, OPENSSL_CONF },
        ...{ HOME: folder, NO_COLOR: '1', npm_config_update_notifier: 'false' },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await once(child, 'exit');
    closeTerminal(child);
    const [output, errors] = await said;
    return { code, output, errors };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
