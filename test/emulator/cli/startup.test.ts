import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { measureFobStartup, STARTUP_RATIO_MAX } from '../../bench/fob-startup.ts';
import { median } from '../../bench/report.ts';
import { type FobProgram, fobProgram } from '../../support/fob-program.ts';

describe('the start of fob', function () {
  this.timeout(120_000);
  let program: FobProgram;

  before(async () => {
    program = await fobProgram();
  });

  it(`takes at most ${STARTUP_RATIO_MAX} times an empty node`, async () => {
    const { empty, press } = await measureFobStartup(11);
    expect(median(press) / median(empty)).to.be.at.most(STARTUP_RATIO_MAX);
  });

  it('loads no parser of seed files to press', async () => {
    const loaded = await staticTexts(program.file);
    for (const parser of ['saxes', 'CsvError', 'SaxesParser', 'ZodError']) {
      expect(loaded.some((text) => text.includes(parser))).to.equal(false, parser);
    }
    expect(loaded.length).to.be.greaterThan(1);
  });
});

/** The fob's entry, the chunk of `press`, and all that they import when they are loaded. */
async function staticTexts(entry: string): Promise<string[]> {
  const texts = new Map<string, string>();
  const load = async (file: string): Promise<void> => {
    if (texts.has(file)) return;
    const text = await readFile(file, 'utf8');
    texts.set(file, text);
    const imported = Array.from(text.matchAll(/^\} from "(\.[^"]+)";|^import "(\.[^"]+)";/gm));
    for (const [, named, bare] of imported) {
      await load(path.resolve(path.dirname(file), named ?? bare ?? ''));
    }
  };
  await load(entry);
  const press = /import\("(\.\/chunks\/press-[^"]+)"\)/.exec(texts.get(entry) ?? '')?.[1] ?? '';
  await load(path.resolve(path.dirname(entry), press));
  return [...texts.values()];
}
