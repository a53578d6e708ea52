import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Debian's apt-get without root, for `debian.ts`. */

const COMMAND_TIMEOUT_MILLIS = 180_000;
const execute = promisify(execFile);

export type Apt = (parameters: readonly string[], directory: string) => Promise<string>;

/** apt-get with the machine's sources and keys, but with lists and cache of its own. */
export async function prepareApt(home: string): Promise<Apt> {
  const state = path.join(home, '.apt');
  for (const directory of ['lists/partial', 'cache/archives/partial', 'log']) {
    await mkdir(path.join(state, directory), { recursive: true });
  }
  const configuration = path.join(state, 'apt.conf');
  const quoted = (name: string) => `"${path.join(state, name)}"`;
  await writeFile(
    configuration,
    [
      `Dir::State ${quoted('')};`,
      `Dir::State::lists ${quoted('lists')};`,
      'Dir::State::status "/var/lib/dpkg/status";',
      `Dir::Cache ${quoted('cache')};`,
      `Dir::Log ${quoted('log')};`,
      // Without this apt-get, run by root, writes as a user who may not write here.
      'APT::Sandbox::User "root";',
      'APT::Update::Error-Mode "any";',
      'Acquire::Retries "2";',
      'Acquire::http::Timeout "20";',
      'Acquire::https::Timeout "20";',
      // The machine's hooks tidy the machine's directories, which are not ours to tidy.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      '',
    ].join('\n'),
  );
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return (parameters, directory) =>
    run('apt-get', ['-q', '-c', configuration, ...parameters], { env, cwd: directory });
}

/** The package, and what it depends on that this machine lacks. */
export async function missingPackages(
  name: string,
  apt: Apt,
  directory: string,
): Promise<string[]> {
  const plan = await apt(['install', '--simulate', '--no-install-recommends', name], directory);
  const missing = Array.from(plan.matchAll(/^Inst (\S+)/gm), ([, added = '']) => added);
  return [...new Set([name, ...missing])];
}

export async function run(
  program: string,
  parameters: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<string> {
  const limits = { timeout: COMMAND_TIMEOUT_MILLIS, maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await execute(program, [...parameters], { ...options, ...limits });
  return stdout;
}
