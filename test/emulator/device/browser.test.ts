import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';

describe('emulator/device in a browser', () => {
  it('bundles without anything of Node', async () => {
    const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
    const { outputFiles, warnings } = await build({
      entryPoints: ['device', 'factory', 'lcd-text'].map((name) =>
        file(`emulator/device/${name}.ts`),
      ),
      bundle: true,
      platform: 'browser',
      format: 'esm',
      outdir: 'unwritten',
      write: false,
      logLevel: 'silent',
    });
    expect(warnings).to.deep.equal([]);
    expect(outputFiles).to.have.length(3);
    for (const { text } of outputFiles) {
      expect(text).not.to.match(/\bfrom ?"node:|\brequire\(|\bprocess\.|\bBuffer\./);
    }
  });
});
