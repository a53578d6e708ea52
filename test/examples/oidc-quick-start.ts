import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FobOnPath, putFobOnPath } from './fob-on-path.ts';
import { cleanEnvironment, runProgram } from './running.ts';

/** The commands of server/oidc/QUICKSTART.md, each typed as it stands there but for the ports. */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = path.join(ROOT, 'server/oidc/QUICKSTART.md');
export const PASSWORD = 'a quiet harbour at dusk';

export interface QuickStart {
  /** Of fobd, and of the application. */
  readonly fobd: string;
  readonly application: string;
  /** What `fob` shows at the next press, in a process of its own. */
  press(): Promise<string>;
  /** Another command, typed in the same terminal; its standard output. */
  type(line: string): Promise<string>;
  /** Ends what is served and takes everything away. */
  remove(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const blocksOf = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );

/** Resolves with the terminal's own words for what is served: those that say that it listens. */
const SERVES = [
  ['fobd serve', /listens on http/],
  ['npm start', /Timesheets: http/],
] as const;

export async function putUpQuickStart(): Promise<QuickStart> {
  const fob = await putFobOnPath();
  const served: ChildProcess[] = [];
  const remove = async () => {
    for (const child of served.reverse()) await endGroup(child);
    await fob.remove();
  };
  try {
    const ports = { fobd: await freePort(), application: await freePort() };
    const here = (text: string): string =>
      text.replaceAll('8080', String(ports.fobd)).replaceAll('3000', String(ports.application));
    const page = here(await readFile(PAGE, 'utf8'));
    const terminal = openTerminal(fob, served);
    await prepare(fob);
    for (const line of blocksOf(page, 'sh').flatMap((text) => text.trim().split('\n'))) {
      const output = await terminal.type(line);
      if (line.startsWith('fobd oidc client add')) await writeSettings(fob, page, output);
    }
    return {
      fobd: `http://127.0.0.1:${ports.fobd}`,
      application: `http://localhost:${ports.application}`,
      press: () => terminal.press('fob press FT00000077'),
      type: terminal.type,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What `npm install` would bring is that of the tree. */
const prepare = (fob: FobOnPath): Promise<void> =>
  symlink(path.join(ROOT, 'node_modules'), path.join(fob.example('oidc-app'), 'node_modules'));

/** As the page says: the file `.env`, with what `client add` has shown. */
async function writeSettings(fob: FobOnPath, page: string, shown: string): Promise<void> {
  const [settings = ''] = blocksOf(page, 'ini');
  const [, id] = /Client ([0-9a-f]+) /.exec(shown) ?? [];
  const [, secret] = /^ {2}([\w-]{43})$/m.exec(shown) ?? [];
  if (id === undefined || secret === undefined) throw new Error(`no client in ${shown}`);
  const text = settings.replace('the-client-id', id).replace('the-client-secret', secret);
  await writeFile(path.join(fob.example('oidc-app'), '.env'), text, { mode: 0o600 });
}

interface Terminal {
  type(line: string): Promise<string>;
  press(line: string): Promise<string>;
}

/** Stands in the folder that has `examples`; knows what was pressed, and types it when asked. */
function openTerminal(fob: FobOnPath, served: ChildProcess[]): Terminal {
  let cwd = fob.newPlace('.');
  const env = fob.environment({ npm_config_update_notifier: 'false' });
  const pressed: string[] = [];

  const run = async (line: string, stdin = ''): Promise<string> => {
    const { exitCode, output } = await runProgram('sh', ['-c', line], { cwd, env, stdin });
    if (exitCode !== 0) throw new Error(`$ ${line}\n${output}`);
    return output;
  };
  const press = async (line: string): Promise<string> => {
    const { code } = JSON.parse(await run(`${line} --json`)) as { readonly code: string };
    pressed.push(code);
    return code;
  };
  const typed = (line: string): string => {
    if (line.startsWith('fobd account password')) return `${PASSWORD}\n`;
    if (line.startsWith('fobd token register')) return `${pressed.join('\n')}\n`;
    return '';
  };
  return {
    press,
    async type(line) {
      const serves = SERVES.find(([begin]) => line.startsWith(begin));
      if (serves !== undefined) {
        served.push(await startServing(line, serves[1], { cwd, env }));
        return '';
      }
      if (line.startsWith('fob press')) return press(line);
      if (line.startsWith('cd ')) cwd = path.join(cwd, line.slice('cd '.length));
      else if (line !== 'npm install') return run(line, typed(line));
      return '';
    },
  };
}

interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** In a process group of its own, as a shell would start it. */
async function startServing(
  line: string,
  pattern: RegExp,
  { cwd, env }: Surroundings,
): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', line], {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (piece: string): void => {
      said += piece;
      if (pattern.test(said)) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.on('exit', () => reject(new Error(`$ ${line}\n${said}`)));
  });
  return child;
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  process.kill(-child.pid, 'SIGTERM');
  await ended;
}
