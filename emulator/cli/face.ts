import path from 'node:path';
import { FobtwinError } from '../../shared/errors.ts';
import { parseSerial, type Serial } from '../../shared/types.ts';
import { type Files, readFiles } from '../control/files.ts';
import { ACCESS_TOKEN, isLoopback } from '../control/gate.ts';
import { createDrawerHolder } from '../control/holder.ts';
import { type ControlServer, startControlServer } from '../control/server.ts';
import { TOKENS_MAX } from '../control/watch.ts';
import type { Drawer } from '../drawer/drawer.ts';
import { type Arguments, usageError } from './arguments.ts';
import type { FobCommand } from './command.ts';
import { deviceEnv } from './device-env.ts';
import { drawerOf } from './drawer-of.ts';
import { drawerPlace } from './drawer-place.ts';
import type { CliEnv } from './env.ts';
import {
  createAccessToken,
  type FaceAccess,
  faceAccessPlace,
  readFaceAccess,
  writeFaceAccess,
} from './face-access.ts';
import { faceFolder } from './face-files.ts';
import { loginEntry, removeLoginEntry, writeLoginEntry } from './face-login.ts';
import { printJson, printLines, warn } from './output.ts';
import { isUnderPassphrase } from './unlock.ts';

export const face: FobCommand = {
  positionals: {
    serial: { describe: 'Which tokens; all of the drawer if none', optional: true, many: true },
  },
  options: {
    qa: { flag: true, describe: 'For testers: faults, temperature and time may be changed' },
    port: { describe: 'Listen on this port; the one of last time if not given' },
    host: { describe: 'Listen on this address instead of this computer alone' },
    open: { flag: true, describe: 'Open it in the browser' },
    install: { flag: true, describe: 'Start it at each login from now on' },
    uninstall: { flag: true, describe: 'Start it at login no more' },
    renew: { flag: true, describe: 'With a new port and access token: old addresses end' },
  },
  conflicts: [
    ['install', 'uninstall'],
    ['install', 'host'],
    ['install', 'open'],
  ],
  examples: [
    ['face', 'the tokens of the drawer in a browser'],
    ['face C30-00000001 --qa --open', 'one token, with its faults and its time'],
    ['face --json', '{"address"} first, for a program'],
  ],
  notes:
    'Who knows the address can press the tokens: it holds an access token. Address and port stay ' +
    'the same from start to start, so that an installed page keeps working. With --host beyond ' +
    'this computer the access token comes from FOB_FACE_TOKEN (22 to 128 letters, digits, ' +
    'hyphens, underscores). Programs use the same address: see emulator/control/API.md.',
  async run(args, env) {
    if (args.flag('uninstall')) return uninstall(args, env);
    const order = readOrder(args, env);
    checkTokens(drawerOf(args, env), order.serials);
    if (args.flag('install')) return install(order, args, env);
    const files = await readFiles(faceFolder());
    const interruption = env.interruption();
    const server = await start(order, { args, env, files });
    try {
      announce(server, args, env);
      await interrupted(interruption);
    } finally {
      await server.close();
    }
    return 0;
  },
};

interface Order {
  readonly serials: readonly Serial[];
  readonly host: string;
  readonly port: number | undefined;
  /** From the environment: nothing is kept then. */
  readonly accessToken: string | undefined;
  readonly qa: boolean;
  readonly renew: boolean;
}

const PORT_MAX = 65_535;
const LOOPBACK = '127.0.0.1';

function readOrder(args: Arguments, { variables }: CliEnv): Order {
  const host = args.text('host') ?? LOOPBACK;
  const given = variables['FOB_FACE_TOKEN'] ?? '';
  if (given !== '' && !ACCESS_TOKEN.test(given)) {
    throw usageError(
      'FOB_FACE_TOKEN is not 22 to 128 letters, digits, hyphens and underscores',
      'Make one with `openssl rand -hex 16`.',
    );
  }
  if (given === '' && !isLoopback(host)) {
    throw usageError(
      `On ${host} others could reach the tokens: set FOB_FACE_TOKEN to an access token`,
      'Make one with `openssl rand -hex 16`.',
    );
  }
  return {
    host,
    serials: args.texts('serial').map(readSerial),
    port: args.integer('port', { min: 0, max: PORT_MAX }),
    accessToken: given === '' ? undefined : given,
    qa: args.flag('qa'),
    renew: args.flag('renew'),
  };
}

function readSerial(text: string): Serial {
  const serial = parseSerial(text);
  if (serial === undefined) throw usageError('One of the words is not a serial');
  return serial;
}

/** Each named token is there and can be read; without names there are not too many. */
function checkTokens(drawer: Drawer, serials: readonly Serial[]): void {
  for (const serial of serials) drawer.read(serial);
  const count = serials.length > 0 ? serials.length : drawer.list().devices.length;
  if (count <= TOKENS_MAX) return;
  throw usageError(`A face shows ${TOKENS_MAX} tokens, not ${count}`, 'Name those you want.');
}

interface Surroundings {
  readonly args: Arguments;
  readonly env: CliEnv;
  readonly files: Files;
}

async function start(order: Order, { args, env, files }: Surroundings): Promise<ControlServer> {
  const file = faceAccessPlace(drawerPlace(args.text('drawer'), env), env);
  const kept = order.renew || order.accessToken !== undefined ? undefined : readFaceAccess(file);
  const { serials } = order;
  const holder = createDrawerHolder(drawerOf(args, env), serials.length > 0 ? { serials } : {});
  const accessToken = order.accessToken ?? kept?.accessToken ?? createAccessToken(env.rng);
  const server = await startControlServer({
    holder,
    files,
    accessToken,
    clock: env.clock,
    env: deviceEnv,
    every: env.every,
    host: order.host,
    port: order.port ?? kept?.port ?? 0,
    qa: order.qa,
    onFailure: (error) => warn(env, `a command failed: ${failureText(error)}`),
  }).catch((error: unknown) => {
    throw kept === undefined || order.port !== undefined ? error : takenByItself(error, file);
  });
  if (order.accessToken === undefined) {
    const access: FaceAccess = { port: server.port, accessToken };
    await keep(file, access, { kept, env, server });
  }
  return server;
}

/** Most likely the one that was started at login, whose address nobody saw. */
function takenByItself(error: unknown, file: string): unknown {
  if (!(error instanceof FobtwinError) || error.code !== 'unavailable') return error;
  return new FobtwinError(error.code, error.message, {
    cause: error,
    nextStep:
      "If this drawer's face runs already, its address is that, a slash and the accessToken of " +
      `${file}; else choose another port with --port.`,
  });
}

/** What cannot be kept would be lost at the next start: then it does not run at all. */
async function keep(
  file: string,
  access: FaceAccess,
  parts: {
    readonly kept: FaceAccess | undefined;
    readonly env: CliEnv;
    readonly server: ControlServer;
  },
): Promise<void> {
  const { kept, env, server } = parts;
  if (kept?.port === access.port && kept.accessToken === access.accessToken) return;
  try {
    writeFaceAccess(file, access, env.rng);
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Only what an error of our own says in public, or the name of another. */
function failureText(error: unknown): string {
  if (error instanceof FobtwinError) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}

function announce({ address }: ControlServer, args: Arguments, env: CliEnv): void {
  if (args.flag('json')) printJson(env, { address });
  else printLines(env, [address, 'Open this address in a browser. Ctrl-C ends.']);
  if (args.flag('open')) openInBrowser(address, env);
}

/** The address is an argument of a program of this person's own for a moment. */
function openInBrowser(address: string, env: CliEnv): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  };
  const [program, ...before] = openers[env.platform] ?? ['xdg-open'];
  try {
    env.runProgram(program, [...before, address]);
  } catch {
    warn(env, `${program} did not open the address: open it yourself`);
  }
}

function interrupted(interruption: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interruption.aborted) resolve();
    else interruption.addEventListener('abort', () => resolve(), { once: true });
  });
}

function install(order: Order, args: Arguments, env: CliEnv): 0 {
  const drawer = path.resolve(drawerPlace(args.text('drawer'), env));
  const entry = loginEntry(
    [
      ...thisProgram(),
      'face',
      ...order.serials,
      '--drawer',
      drawer,
      ...(order.qa ? ['--qa'] : []),
      ...(order.port === undefined ? [] : ['--port', String(order.port)]),
    ],
    env,
  );
  writeLoginEntry(entry);
  if (isUnderPassphrase(drawer)) warnOfPassphrase(env);
  if (order.accessToken !== undefined) {
    warn(env, 'FOB_FACE_TOKEN is not kept: at login it counts only where it is set then, too');
  }
  if (args.flag('json')) printJson(env, { installed: entry.file });
  else {
    printLines(env, [
      `It starts at each login from now on (${entry.file}).`,
      'Until then start it with `fob face`.',
    ]);
  }
  return 0;
}

/** At login there is no terminal to ask on. */
function warnOfPassphrase(env: CliEnv): void {
  warn(env, 'nobody is asked for the passphrase of this drawer at login: it will not start');
  env.stderr.write(
    '  Let `fob drawer key-file` open the drawer, or have FOB_PASSPHRASE_FILE set at login.\n',
  );
}

function uninstall(args: Arguments, env: CliEnv): 0 {
  const { file } = loginEntry([], env);
  const was = removeLoginEntry(file);
  if (args.flag('json')) printJson(env, { uninstalled: was ? file : null });
  else printLines(env, [was ? `Removed ${file}.` : 'It was not started at login.']);
  return 0;
}

/** This Node with this script, so that no search path is needed at login. */
function thisProgram(): string[] {
  const [node = process.execPath, script = 'fob'] = process.argv;
  return [node, path.resolve(script)];
}
