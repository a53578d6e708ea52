import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { OPERATIONS, type Operation } from '../../../emulator/control/operations.ts';

const FILE = fileURLToPath(new URL('../../../emulator/control/API.md', import.meta.url));
const TABLE = /(<!-- table operations -->\n)([\s\S]*?)(<!-- end -->)/;

describe('emulator/control/API.md', () => {
  it('lists every command as it is', () => {
    const rows = Object.entries<Operation>(OPERATIONS).map(
      ([name, { method, path, summary, qa = false }]) =>
        `| \`${name}\` | \`${method} ${path}\` | ${summary}${qa ? ' (**qa**)' : ''} |\n`,
    );
    const expected = [
      '| command | method and path | what it does |\n',
      '| --- | --- | --- |\n',
      ...rows,
    ];
    const text = readFileSync(FILE, 'utf8');
    if (process.env['FOBTWIN_WRITE_TABLES'] === '1') {
      writeFileSync(
        FILE,
        text.replace(TABLE, (_all, from, _old, to) => from + expected.join('') + to),
      );
      return;
    }
    const [, , found] = TABLE.exec(text) ?? [];
    expect(found).to.equal(expected.join(''));
  });
});
