import { mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { drawFrameSvg } from '../../../emulator/picture/frame-svg.ts';
import { renderPng } from '../../../emulator/picture/render-png.ts';
import { frameOf } from './frames.ts';
import { decodePng } from './golden.ts';

const SVG = drawFrameSvg(frameOf('287345'));

describe('emulator/picture/render-png', function () {
  this.timeout(60_000);

  it('gives as many pixels a unit as are asked for', async () => {
    const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(SVG) ?? [];
    for (const scale of [0.5, 1, 3]) {
      const png = decodePng(await renderPng(SVG, { scale }));
      expect(png.width).to.be.closeTo(Number(width) * scale, 1);
      expect(png.height).to.be.closeTo(Number(height) * scale, 1);
    }
  });

  it('draws many at once, each the same to the byte', async () => {
    const drawn = await Promise.all(Array.from({ length: 8 }, () => renderPng(SVG)));
    for (const png of drawn) expect(Buffer.compare(png, drawn[0] ?? png)).to.equal(0);
  });

  it('refuses a scale that is none', async () => {
    for (const scale of [0, -1, Number.NaN, 9, Number.POSITIVE_INFINITY]) {
      const refused = await renderPng(SVG, { scale }).catch((error: unknown) => error);
      expect(refused).to.include({ name: 'FobtwinError', code: 'invalidInput' });
    }
  });
});

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describe('emulator/picture in a browser', () => {
  it('bundles without anything of Node, but for the PNG', async () => {
    const names = ['frame-svg', 'fob-svg', 'fob-plan'];
    const { outputFiles, warnings } = await build({
      absWorkingDir: ROOT,
      entryPoints: names.map((name) => `emulator/picture/${name}.ts`),
      bundle: true,
      platform: 'browser',
      format: 'esm',
      outdir: 'unwritten',
      write: false,
      logLevel: 'silent',
    });
    expect(warnings).to.deep.equal([]);
    for (const { text } of outputFiles) {
      expect(text).not.to.match(/\bfrom ?"node:|\brequire\(|\bprocess\.|\bBuffer\./);
    }
  });

  it('finds its renderer from a bundle beside node_modules', async function () {
    this.timeout(60_000);
    const folder = await mkdtemp(path.join(ROOT, 'node_modules', '.fobtwin-bundle-'));
    try {
      const outfile = path.join(folder, 'chunks', 'picture.mjs');
      await build({
        absWorkingDir: ROOT,
        entryPoints: ['emulator/picture/render-png.ts'],
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node20.19',
        outfile,
        logLevel: 'silent',
      });
      expect((await readFile(outfile, 'utf8')).length).to.be.lessThan(100_000);
      const bundled = (await import(outfile)) as { renderPng: typeof renderPng };
      const png = decodePng(await bundled.renderPng(SVG, { scale: 1 }));
      expect(png.width).to.be.greaterThan(400);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
