import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { FobtwinError } from '../../../shared/errors.ts';
import { timeToken } from './tokens.ts';

const LIBRARY = new URL('../../../emulator/library/token.ts', import.meta.url);

describe('a picture of a Token', () => {
  it('is SVG or PNG, of the LCD or of the whole', async () => {
    const token = timeToken().press();
    const lcd = await token.screenshot({ format: 'svg' });
    expect(lcd)
      .to.match(/^<svg /)
      .and.to.contain(token.display);
    const back = await token.screenshot({ format: 'svg', of: 'back' });
    expect(back).to.contain(token.serial);
    const png = await token.screenshot();
    expect([...png.subarray(0, 8)]).to.deep.equal([137, 80, 78, 71, 13, 10, 26, 10]);
    const front = await token.screenshot({ of: 'front', scale: 1 });
    expect(front.length).to.be.greaterThan(png.length / 4);
    expect(front).not.to.deep.equal(png);
    expect(token.draw().split('\n').length).to.be.greaterThan(2);
  });

  it('refuses what it cannot draw', async () => {
    const token = timeToken();
    const refused = async (options: object) => {
      const error: unknown = await token.screenshot(options).catch((reason: unknown) => reason);
      return (error as Partial<FobtwinError>).errors?.[0]?.field ?? error;
    };
    expect(await refused({ format: 'gif' })).to.equal('format');
    expect(await refused({ of: 'inside' })).to.equal('of');
    expect(await refused({ scale: 1e9 })).to.equal('scale');
  });
});

describe('the library', () => {
  it('asks for no clock, file, network or random number until a PNG is wanted', async () => {
    const trap = `
      const deny = (what) => () => { throw new Error('asked for ' + what); };
      Date.now = deny('the clock'); performance.now = deny('the clock');
      Math.random = deny('randomness'); crypto.getRandomValues = deny('randomness');
      globalThis.fetch = deny('the network');
      const { Token } = await import(${JSON.stringify(LIBRARY.href)});
      const fs = await import('node:fs');
      for (const name of ['readFileSync', 'openSync', 'writeFileSync', 'readFile', 'open']) {
        fs.default[name] = deny('a file');
      }
      (await import('node:module')).syncBuiltinESMExports();
      const token = Token.make().inject('clockRate').advance('400d').press();
      token.seedFile({ format: 'pskc' }); token.wrongCode(); Token.restore(token.save());
      process.stdout.write(token.display);
    `;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      trap,
    ]);
    expect(stdout).to.match(/^\d{6}$/);
  });
});
