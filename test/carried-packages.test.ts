import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

const DIST = path.join(import.meta.dirname, '../dist');

/** What the build carries along of others, and says of it. */
describe('packages that the programs carry', () => {
  /** The text of each file of code, by its name. */
  let code: ReadonlyMap<string, string>;
  let carried: ReadonlySet<string>;
  before(() => {
    const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' });
    const ofCode = files.filter((file) => file.endsWith('.js'));
    code = new Map(ofCode.map((file) => [file, readFileSync(path.join(DIST, file), 'utf8')]));
    // The bundler says above each file what it is.
    const named = [...code.values()].flatMap((text) => [
      ...text.matchAll(/^\/\/ (?:.*\/)?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm),
    ]);
    carried = new Set(named.map(([, name = '']) => name));
  });

  it('are named with their licences, and the texts of these', () => {
    const licences = readFileSync(path.join(DIST, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect(carried).to.include('koa').and.include('yargs').and.include('saxes');
    for (const name of carried) expect(licences).to.match(new RegExp(`^${name} \\d\\S+: \\S`, 'm'));
    expect(licences).to.contain('Copyright (c) 2019 Koa contributors');
  });

  it('are none that have native code, files or workers beside their own', () => {
    for (const name of ['classic-level', '@node-rs/argon2', 'oidc-provider', 'pino']) {
      expect(carried).not.to.include(name);
    }
  });

  it('are loaded later by their default export, where the bundle has no other', () => {
    const commonJs = [...code].filter(([, text]) => /^export default require_/m.test(text));
    expect(commonJs.map(([file]) => path.basename(file)).join()).to.match(/^undici-/);
    for (const [file] of commonJs) {
      const loaded = `import("./${path.basename(file)}")`;
      const lines = [...code.values()].flatMap((text) => text.split('\n'));
      const loading = lines.filter((line) => line.includes(loaded));
      expect(loading).not.to.deep.equal([]);
      for (const line of loading) expect(line).to.match(/\{ default: \w+ \} = await import/);
    }
  });
});
