import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

/** The README is true: its commands are run, in order, as one who reads it would type them. */

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Run by whoever gets so far as to run this test, and by `.ci/run`. */
const SET_UP = ['npm ci && npm start', 'npm ci && npm test'];

async function shellBlocks(): Promise<string[]> {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  return [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.trim());
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

/** Whoever types waits until the server says that it listens. */
const AWAIT_SERVER = [
  'for _ in $(seq 100); do',
  'curl -s -o /dev/null http://127.0.0.1:8080/readyz && break; sleep 0.1',
  'done',
];

/** The commands as one script; it stops at the first that fails. */
function scriptOf(blocks: readonly string[], port: number): string {
  const lines = blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => [
      `echo ${JSON.stringify(`$ ${line}`).replaceAll('$', '\\$')}`,
      line,
      ...(line.endsWith('&') ? AWAIT_SERVER : []),
    ]);
  return ['set -eu -o pipefail', ...lines].join('\n').replaceAll('8080', String(port));
}

/** As if the terminal were closed: ends the script and what it left in the background. */
function closeTerminal({ pid }: { readonly pid?: number | undefined }): void {
  if (pid !== undefined) process.kill(-pid, 'SIGTERM');
}

describe('README.md', () => {
  it('names two commands that do all the set-up', async () => {
    const blocks = await shellBlocks();
    expect(blocks.slice(0, 2)).to.deep.equal(SET_UP);
    const ci = await readFile(path.join(ROOT, '.ci/run'), 'utf8');
    expect(ci).to.match(/^npm ci\nnpm test$/m);
  });

  it('leads from a token to a login by its commands', async function () {
    this.timeout(180_000);
    const blocks = (await shellBlocks()).filter((block) => !SET_UP.includes(block));
    expect(blocks).to.have.length.greaterThan(7);
    const folder = await checkout();
    try {
      await writeFile(path.join(folder, 'script.sh'), scriptOf(blocks, await freePort()));
      const { PATH = '' } = process.env;
      const child = spawn('bash', ['script.sh'], {
        cwd: folder,
        env: { PATH, HOME: folder, NO_COLOR: '1', npm_config_update_notifier: 'false' },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const said = Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = await once(child, 'exit');
      closeTerminal(child);
      const [output, errors] = await said;
      expect(code, `${output}\n${errors}`).to.equal(0);
      expect(output).to.contain('"accepted":true,"outcome":"accepted","serial":"FT00000042"');
      expect(output).to.contain('"strength":"mobileId"');
      expect(output)
        .to.match(/registered.*jennifer|jennifer.*registered/s)
        .and.to.contain('sound');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
