import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The last cell of a row names a test's file and a part of its title. */
const PROOF = /\| `(?<file>test\/[a-z0-9/-]+\.test\.ts)`: (?<title>.+?) \|$/;

describe('server: CONTROLS.md', () => {
  const rows = read('server/CONTROLS.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (---|section|subject)/.test(line));

  it('has a proof in every row', () => {
    expect(rows.length).to.be.at.least(20);
    for (const row of rows) expect(row).to.match(PROOF);
  });

  for (const row of rows) {
    const { file = '', title = '' } = PROOF.exec(row)?.groups ?? {};
    it(`names a test that exists: ${title.slice(0, 60)}`, () => {
      expect(existsSync(new URL(file, root)), file).to.equal(true);
      const source = read(file).replaceAll("\\'", "'");
      expect(source.includes(title), `"${title}" in ${file}`).to.equal(true);
    });
  }
});
