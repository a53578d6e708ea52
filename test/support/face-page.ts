import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Files, readFiles } from '../../emulator/control/files.ts';
import { temporaryDirectory } from './fob-env.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The page of `fob face` as `npm run build` makes it, as files in memory. */
export async function buildFacePage(): Promise<Files> {
  const directory = temporaryDirectory();
  try {
    await build({
      absWorkingDir: ROOT,
      entryPoints: ['page.ts', 'page.css', 'index.html', 'icon.svg', 'face.webmanifest'].map(
        (name) => `emulator/face/${name}`,
      ),
      loader: { '.html': 'copy', '.svg': 'copy', '.webmanifest': 'copy' },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: ['chrome111', 'firefox113', 'safari16.4'],
      outdir: directory.path,
      logLevel: 'warning',
    });
    return await readFiles(directory.path);
  } finally {
    directory.remove();
  }
}
