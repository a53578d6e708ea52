import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

/** What the build carries along of others, and says of it. */
describe('packages that the programs carry', () => {
  const dist = path.join(import.meta.dirname, '../dist');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  const carried = new Set(
    files
      .filter((file) => file.endsWith('.js.map'))
      .flatMap((file) => {
        const map = JSON.parse(readFileSync(path.join(dist, file), 'utf8')) as {
          readonly sources: readonly string[];
        };
        return map.sources.flatMap((source) => {
          const name = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
          return name ?? [];
        });
      }),
  );

  it('are named with their licences, and the texts of these', () => {
    const licences = readFileSync(path.join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect(carried).to.include('koa').and.include('yargs');
    for (const name of carried) expect(licences).to.match(new RegExp(`^${name} \\d\\S+: \\S`, 'm'));
    expect(licences).to.contain('Copyright (c) 2019 Koa contributors');
  });

  it('are none that have native code, files or workers beside their own', () => {
    for (const name of ['classic-level', '@node-rs/argon2', 'oidc-provider', 'pino']) {
      expect(carried).not.to.include(name);
    }
  });
});
