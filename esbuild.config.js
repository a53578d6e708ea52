import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

// `fob` carries its dependencies in its bundle, for a quick start; `fobd` leaves them to
// node_modules, since its store is a native addon. Commands are split off and loaded when used.
const [outdir = 'dist'] = process.argv.slice(2);
const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  outdir,
  logLevel: 'warning',
  chunkNames: 'chunks/[name]-[hash]',
};
const requireForCommonJs =
  "import { createRequire as __createRequire } from 'node:module';" +
  'const require = __createRequire(import.meta.url);';

/** In a browser nothing is read from a file: what would, is left out of the library there. */
const withoutFiles = {
  name: 'without-files',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/png\.ts$/ }, ({ resolveDir }) => ({
      path: path.join(resolveDir, 'png-in-browser.ts'),
    }));
  },
};

await rm(outdir, { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: { fob: 'emulator/cli/main.ts' },
    banner: { js: requireForCommonJs },
    minifySyntax: true,
  }),
  build({
    ...common,
    packages: 'external',
    entryPoints: {
      fobd: 'server/cli/main.ts',
      story: 'emulator/story/main.ts',
      client: 'shared/client/client.ts',
      emulator: 'emulator/library/token.ts',
    },
  }),
  build({
    ...common,
    platform: 'browser',
    target: 'es2022',
    packages: 'external',
    entryPoints: { 'emulator-in-browser': 'emulator/library/token.ts' },
    plugins: [withoutFiles],
  }),
  // The page of `fob face`, which its control server reads once.
  build({
    entryPoints: ['page.ts', 'page.css', 'index.html', 'icon.svg', 'face.webmanifest'].map(
      (name) => `emulator/face/${name}`,
    ),
    loader: { '.html': 'copy', '.svg': 'copy', '.webmanifest': 'copy' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    outdir: path.join(outdir, 'face'),
    logLevel: 'warning',
  }),
]);
