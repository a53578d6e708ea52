import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Rows of server/RULES.md whose second cell names a file and whose third a test. */
const ROW =
  /^\| (?<rule>.+?) +\| `(?<file>[a-z-]+\.ts)` +\| `(?<test>[a-z-]+)`: (?<title>.+?) +\|$/;

describe('verification: RULES.md', () => {
  const lines = read('server/RULES.md').split('\n');
  const rows = lines.flatMap((line) => {
    const groups = ROW.exec(line)?.groups;
    return groups === undefined ? [] : [groups];
  });

  it('has a row for every rule, none of them malformed', () => {
    expect(rows.length).to.be.at.least(30);
    const named = lines.filter((line) => /\| `[a-z-]+\.ts` +\|/.test(line));
    expect(rows.map(({ rule }) => rule)).to.have.length(named.length);
  });

  for (const { rule = '', file = '', test = '', title = '' } of rows) {
    it(`names a file and a test that exist: ${rule.slice(0, 60)}`, () => {
      expect(existsSync(new URL(`server/verification/${file}`, root)), file).to.equal(true);
      const source = read(`test/server/verification/${test}.test.ts`).replaceAll("\\'", "'");
      expect(source.includes(title), `"${title}" in ${test}.test.ts`).to.equal(true);
    });
  }
});
