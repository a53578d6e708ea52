import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { ROOT, shellBlocks, typeCommands } from './support/readme-commands.ts';

/** Run by whoever gets so far as to run this test, and by `.ci/run`. */
const SET_UP = ['npm ci && npm start', 'npm ci && npm test'];

describe('README.md', () => {
  it('names two commands that do all the set-up', async () => {
    const blocks = await shellBlocks();
    expect(blocks.slice(0, 2)).to.deep.equal(SET_UP);
    const ci = await readFile(path.join(ROOT, '.ci/run'), 'utf8');
    expect(ci).to.match(/^npm ci\nnpm test$/m);
  });

  it('leads from a token to a login by its commands', async function () {
    this.timeout(180_000);
    // Run it for real is run by itself, in newcomer.test.ts.
    const elsewhere = [...SET_UP, ...(await shellBlocks('Run it for real'))];
    const blocks = (await shellBlocks()).filter((block) => !elsewhere.includes(block));
    expect(blocks).to.have.length.greaterThan(7);
    const { code, output, errors } = await typeCommands(blocks);
    expect(code, `${output}\n${errors}`).to.equal(0);
    expect(output).to.contain('"accepted":true,"outcome":"accepted","serial":"FT00000042"');
    expect(output).to.contain('"strength":"mobileId"');
    expect(output).to.match(/FT00000099 {2}suspended, can be renewed/);
    expect(output).to.contain('Subject: Your license key from order SO-10001');
    expect(output)
      .to.match(/registered.*jennifer|jennifer.*registered/s)
      .and.to.contain('sound');
  });
});
