import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

// `fob` carries its dependencies in its bundle, for a quick start; `fobd` leaves them to
// node_modules, since its store is a native addon. Commands are split off and loaded when used.
const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  outdir: 'dist',
  logLevel: 'warning',
  chunkNames: 'chunks/[name]-[hash]',
};
const requireForCommonJs =
  "import { createRequire as __createRequire } from 'node:module';" +
  'const require = __createRequire(import.meta.url);';

await rm('dist', { recursive: true, force: true });
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
    },
  }),
]);
