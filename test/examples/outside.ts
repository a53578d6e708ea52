import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The package as its users get it, in a project of theirs: nothing of it comes from the tree. */

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const EXAMPLES = path.join(ROOT, 'examples');
const execute = promisify(execFile);

/** What the package is built from; packing builds it, in a copy, since tests here use `dist`. */
const BUILT_FROM = [
  ...['package.json', 'tsconfig.json', 'tsconfig.types.json', 'esbuild.config.js'],
  ...['README.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md'],
  ...['firmware-spec', 'shared', 'emulator', 'server'],
];

export interface Outside {
  /** A project with `fobtwin` in its node_modules, and beside it all that the tree has there. */
  readonly project: string;
  /** Copies one of the examples into the project, and says where it is then. */
  bring(example: string): Promise<string>;
  remove(): Promise<void>;
}

/** Packs the package and installs it, without a registry, into a project in a place of its own. */
export async function installOutside(): Promise<Outside> {
  const place = await mkdtemp(path.join(tmpdir(), 'fobtwin-outside-'));
  const remove = () => rm(place, { recursive: true, force: true });
  try {
    const tarball = await pack(path.join(place, 'sources'));
    const project = path.join(place, 'project');
    await install(tarball, project);
    return {
      project,
      async bring(example) {
        const there = path.join(project, example);
        await cp(path.join(EXAMPLES, example), there, { recursive: true });
        return there;
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function pack(sources: string): Promise<string> {
  await mkdir(sources);
  for (const name of BUILT_FROM) {
    await cp(path.join(ROOT, name), path.join(sources, name), { recursive: true });
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(sources, 'node_modules'));
  // The scripts that npm would run say more than its own output, which is then no JSON.
  await run('npm', ['run', '--silent', 'prepack'], sources);
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts'], sources);
  const [{ filename }] = JSON.parse(packed) as [{ readonly filename: string }];
  return path.join(sources, filename);
}

/** As `npm install` would lay it out; the packages that it needs are those of the tree. */
async function install(tarball: string, project: string): Promise<void> {
  const modules = path.join(project, 'node_modules');
  await mkdir(path.join(modules, 'fobtwin'), { recursive: true });
  const unpack = ['-xzf', tarball, '--strip-components=1', '-C', path.join(modules, 'fobtwin')];
  await run('tar', unpack, project);
  const theirs = path.join(ROOT, 'node_modules');
  for (const name of await readdir(theirs)) {
    if (name === 'fobtwin') continue;
    await symlink(path.join(theirs, name), path.join(modules, name));
  }
}

const OUTPUT_MAX = 16 * 1024 * 1024;
const TIMEOUT_MILLIS = 240_000;

async function run(program: string, parameters: string[], cwd: string): Promise<string> {
  const options = { cwd, maxBuffer: OUTPUT_MAX, timeout: TIMEOUT_MILLIS };
  try {
    return (await execute(program, parameters, options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${parameters.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}
