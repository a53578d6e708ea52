import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** One file or several, then one test or several. */
const ROW = /^\| .+ \| (?<files>`[^|]+`) \| (?<tests>`[^|]+) \|$/;
const FILE = /`([a-z/-]+\.ts)`/g;
const TEST = /`([a-z/-]+)`: ([^;]+)/g;

/** Sections of RULES.md whose rows name files of `server` and tests of `test/server`. */
for (const heading of ['## Sessions and required strength', '## Passwords']) {
  describe(`RULES.md: ${heading.slice(3)}`, () => {
    const [, section = ''] = read('server/RULES.md').split(`${heading}\n`);
    const [own = ''] = section.split('\n## ');
    const lines = own.split('\n').filter((line) => /^\| (?!rule |---)/.test(line));

    it('has rules, each with a file and a test', () => {
      expect(lines.length).to.be.at.least(10);
      for (const line of lines) expect(line).to.match(ROW);
    });

    for (const line of lines) {
      const { files = '', tests = '' } = ROW.exec(line)?.groups ?? {};
      it(`names files and tests that exist: ${tests.slice(0, 80)}`, () => {
        const named = [...files.matchAll(FILE)].map(([, file = '']) => file);
        expect(named).not.to.deep.equal([]);
        for (const file of named) {
          expect(existsSync(new URL(`server/${file}`, root)), file).to.equal(true);
        }
        const shown = [...tests.matchAll(TEST)];
        expect(shown).not.to.deep.equal([]);
        for (const [, test = '', title = ''] of shown) {
          expect(read(`test/server/${test}.test.ts`), test).to.include(title.trim());
        }
      });
    }
  });
}
