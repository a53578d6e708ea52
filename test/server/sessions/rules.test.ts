import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const ROW = /^\| .+ \| `(?<file>[a-z/-]+\.ts)` \| `(?<test>[a-z/-]+)`: (?<title>.+?) \|$/;

describe('sessions: RULES.md', () => {
  const [, section = ''] = read('server/RULES.md').split('## Sessions and required strength');
  const [own = ''] = section.split('\n## ');
  const lines = own.split('\n').filter((line) => /^\| (?!rule |---)/.test(line));

  it('has rules, each with a file and a test', () => {
    expect(lines.length).to.be.at.least(10);
    for (const line of lines) expect(line).to.match(ROW);
  });

  for (const line of lines) {
    const { file = '', test = '', title = '' } = ROW.exec(line)?.groups ?? {};
    it(`names a file and a test that exist: ${title}`, () => {
      expect(existsSync(new URL(`server/${file}`, root)), file).to.equal(true);
      expect(read(`test/server/${test}.test.ts`)).to.include(title);
    });
  }
});
