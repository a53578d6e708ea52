import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { environmentOf, libraryOrSkip, PeerUnavailable } from './debian.ts';

/** Linux PAM with `pam_radius_auth`, as `pamtester` speaks it, for a service of one test's own. */

export interface Pam {
  /** Of pam_radius_auth, for a service's line: absolute. */
  readonly module: string;
  /** Runs the service for a user who types these lines. */
  authenticate(user: string, typed: readonly string[]): Promise<PamRun>;
  close(): Promise<void>;
}

export interface PamRun {
  readonly succeeded: boolean;
  /** Prompts and verdict. */
  readonly output: string;
}

const SYSTEM_DIRECTORY = '/etc/pam.d';
const RUN_MILLIS_MAX = 30_000;
const MODULE = 'security/pam_radius_auth.so';

/** As `peerOrSkip`: skipped loudly where programs or rights cannot be had; in CI it fails. */
export async function pamOrSkip(
  context: Mocha.Context,
  place: string,
  serviceOf: (module: string) => string,
): Promise<Pam> {
  const tester = await libraryOrSkip(context, 'pamtester');
  const library = await libraryOrSkip(context, 'libpam-radius-auth');
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const module = path.join(library, 'lib', triplet, MODULE);
  const service = `fobtwin-${process.pid}-${randomBytes(4).toString('hex')}`;
  const text = serviceOf(module);
  try {
    const runner = await (process.getuid?.() === 0 ? asRoot : asAnybody)(place, service, text);
    const env = await environmentOf(tester);
    const program = path.join(tester, 'usr/bin/pamtester');
    return {
      module,
      authenticate: (user, typed) =>
        runner.run([program, service, user, 'authenticate'], env, typed),
      close: runner.close,
    };
  } catch (error) {
    if (!(error instanceof PeerUnavailable) || process.env['CI']) throw error;
    console.warn(`\n  SKIPPED for want of a PAM service of its own: ${error.message}\n`);
    return context.skip();
  }
}

interface Runner {
  run(
    command: readonly string[],
    env: NodeJS.ProcessEnv,
    typed: readonly string[],
  ): Promise<PamRun>;
  close(): Promise<void>;
}

/** libpam reads services from one directory alone: root adds one there, of a name of its own. */
async function asRoot(_: string, service: string, text: string): Promise<Runner> {
  const file = path.join(SYSTEM_DIRECTORY, service);
  await writeFile(file, text, { flag: 'wx', mode: 0o644 });
  return {
    run: (command, env, typed) => run(command, env, typed),
    close: () => rm(file, { force: true }),
  };
}

/** Anybody else has a directory of his own in that one's place, in a mount namespace of his own. */
async function asAnybody(place: string, service: string, text: string): Promise<Runner> {
  const directory = path.join(place, 'pam.d');
  await mkdir(directory);
  await writeFile(path.join(directory, service), text);
  const script = `mount --bind "$0" ${SYSTEM_DIRECTORY} && exec "$@"`;
  const within = ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, directory];
  const trial = await run([...within, 'true'], process.env, []);
  if (!trial.succeeded) {
    throw new PeerUnavailable(`no mount namespace can be had: ${trial.output.trim()}`);
  }
  return {
    run: (command, env, typed) => run([...within, ...command], env, typed),
    close: async () => undefined,
  };
}

function run(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  typed: readonly string[],
): Promise<PamRun> {
  return new Promise((resolve) => {
    const options = { env, timeout: RUN_MILLIS_MAX };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ succeeded: error === null, output: stdout + stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(typed.map((line) => `${line}\n`).join(''));
  });
}
