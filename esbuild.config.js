import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

// The programs carry their dependencies in their bundles, for a quick start: one file is read
// where there were hundreds. Commands are split off and loaded when used. What a library of ours
// needs is the business of the program that it is part of, and stays outside.
const [outdir = 'dist'] = process.argv.slice(2);
const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  outdir,
  logLevel: 'warning',
  chunkNames: 'chunks/[name]-[hash]',
};
const requireForCommonJs =
  "import { createRequire as __createRequire } from 'node:module';" +
  'const require = __createRequire(import.meta.url);';

/** Native code, files beside the code, workers: what cannot be carried along. */
const NOT_CARRIED = ['@node-rs/argon2', '@resvg/resvg-wasm', 'level', 'oidc-provider', 'pino'];

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
const built = await Promise.all([
  build({
    ...common,
    entryPoints: { fob: 'emulator/cli/main.ts' },
    banner: { js: requireForCommonJs },
    minifySyntax: true,
  }),
  build({
    ...common,
    entryPoints: { fobd: 'server/cli/main.ts', story: 'emulator/story/main.ts' },
    banner: { js: requireForCommonJs },
    external: NOT_CARRIED,
  }),
  build({
    ...common,
    packages: 'external',
    entryPoints: { client: 'shared/client/client.ts', emulator: 'emulator/library/token.ts' },
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
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    outdir: path.join(outdir, 'face'),
    logLevel: 'warning',
  }),
]);
await writeFile(path.join(outdir, 'THIRD-PARTY-LICENSES.txt'), await licences(carried(built)));

/** The directories of the packages of which the bundles carry anything. */
function carried(results) {
  const packageOf = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const directories = inputs.flatMap((input) => packageOf.exec(input)?.[0] ?? []);
  return [...new Set(directories)].sort();
}

/** Most licences ask that their text goes wherever the code goes. */
async function licences(directories) {
  const texts = directories.map(async (directory) => {
    const manifest = await readFile(path.join(directory, 'package.json'), 'utf8');
    const { name, version, license, author, repository } = JSON.parse(manifest);
    const names = (await readdir(directory)).filter((file) => /^(licen[cs]e|copying)/i.test(file));
    const files = names.map((file) => readFile(path.join(directory, file), 'utf8'));
    // Of whose making it is, and where its source is, where it ships no text.
    const origin =
      names.length > 0
        ? []
        : [`${author?.name ?? author ?? ''} ${repository?.url ?? repository ?? ''}`];
    const parts = [`${name} ${version}: ${license}`, ...origin, ...(await Promise.all(files))];
    return parts.join('\n\n').trim();
  });
  return `${(await Promise.all(texts)).join(`\n\n${'-'.repeat(78)}\n\n`)}\n`;
}
