import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/**
 * A real browser: the one that `CHROMIUM_PATH` names, else the one that came with the packages (it
 * brings its own libraries and fonts, so that pictures are the same on every machine), else one
 * that is on PATH.
 */
export interface TestBrowser {
  readonly browser: Browser;
  /** The one that pictures are compared in: others draw letters in their own way. */
  readonly isPinned: boolean;
}

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = path.join(ROOT, 'node_modules', '.cache', 'fobtwin-chromium-147.0.0');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const UNPACK_MILLIS = 120_000;
/** Without a sandbox, since tests may run as root; it opens only pages of this computer. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
];

/**
 * For a `before` hook: one browser for a test file, or its tests are skipped loudly. Where `CI` is
 * set they fail. The caller closes it.
 */
export const browserOrSkip = (context: Mocha.Context): Promise<TestBrowser> =>
  orSkip(context, launchBrowser);

/** Likewise the browser as a program. */
export const browserProgramOrSkip = (context: Mocha.Context): Promise<BrowserProgram> =>
  orSkip(context, findBrowser);

async function orSkip<T>(context: Mocha.Context, find: () => Promise<T>): Promise<T> {
  context.timeout(UNPACK_MILLIS);
  try {
    return await find();
  } catch (error) {
    return skipLoudly(context, `for want of a browser: ${String(error)}`);
  }
}

/** Skips a test and says why; where `CI` is set it fails. */
export function skipLoudly(context: Mocha.Context, why: string): never {
  if (process.env['CI']) throw new Error(`not to be skipped in CI: ${why}`);
  console.warn(`\n  SKIPPED ${why}\n`);
  return context.skip();
}

export async function launchBrowser(): Promise<TestBrowser> {
  const { file, env, isPinned } = await findBrowser();
  return { browser: await launch(file, env), isPinned };
}

/** The browser as a program, for who starts it in another way. */
export interface BrowserProgram {
  readonly file: string;
  /** What it needs in its environment beside what is there. */
  readonly env: Readonly<Record<string, string>>;
  readonly isPinned: boolean;
}

export async function findBrowser(): Promise<BrowserProgram> {
  const chosen = process.env['CHROMIUM_PATH'] ?? '';
  if (chosen !== '') return { file: chosen, env: {}, isPinned: false };
  if (process.platform === 'linux' && process.arch === 'x64') {
    await unpacked();
    const env = {
      LD_LIBRARY_PATH: path.join(CACHE, 'al2023', 'lib'),
      FONTCONFIG_PATH: path.join(CACHE, 'fonts'),
    };
    return { file: path.join(CACHE, 'chromium'), env, isPinned: true };
  }
  return { file: await findOnPath(), env: {}, isPinned: false };
}

/** The package's own names folders where this is not. */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(CACHE, 'fonts')}</dir>
  <cachedir>${path.join(CACHE, 'fonts-cache')}</cachedir>
</fontconfig>
`;

function launch(executablePath: string, env: BrowserProgram['env']): Promise<Browser> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return chromium.launch({
    executablePath,
    args: FLAGS,
    env: { ...Object.fromEntries(inherited), ...env },
  });
}

/**
 * The package unpacks into the temporary folder, and only into it: here that of a process of its
 * own. Several may do so at once; the first to finish gives its folder the name.
 */
async function unpacked(): Promise<void> {
  if (await isThere(CACHE)) return;
  await mkdir(path.dirname(CACHE), { recursive: true });
  const draft = await mkdtemp(`${CACHE}-`);
  try {
    const script =
      "import chromium from '@sparticuz/chromium';" +
      'chromium.setGraphicsMode = false; await chromium.executablePath();';
    await execute(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      timeout: UNPACK_MILLIS,
      // The package then unpacks its libraries too.
      env: { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
    });
    await writeFile(path.join(draft, 'fonts', 'fonts.conf'), FONTS_CONF);
    await rename(draft, CACHE);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await isThere(CACHE))) throw error;
  }
}

async function findOnPath(): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  for (const folder of folders) {
    for (const name of NAMES) {
      const file = path.join(folder, name);
      if (await isThere(file)) return file;
    }
  }
  throw new Error('there is no Chromium: set CHROMIUM_PATH');
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
