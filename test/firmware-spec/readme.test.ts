import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { TRANSITIONS } from '../../firmware-spec/transitions.ts';
import { SPEC_TABLES } from './spec-tables.ts';

const readme = readFileSync(new URL('../../firmware-spec/README.md', import.meta.url), 'utf8');

/** What stands between `<!-- table NAME -->` and the next `<!-- end -->`. */
function between(name: string): string | undefined {
  const [, after] = readme.split(`<!-- table ${name} -->\n`);
  return after?.split('<!-- end -->')[0]?.trimEnd();
}

const rules = [...readme.matchAll(/^- \*\*FS-(\d+)\*\*/gm)].map(([, number]) => Number(number));

describe('firmware-spec/README.md', () => {
  for (const [name, expected] of Object.entries(SPEC_TABLES)) {
    it(`has the table ${name} as the data has it`, () => {
      const wanted = expected();
      expect(between(name), `between the markers of ${name} should stand:\n${wanted}\n`).to.equal(
        wanted,
      );
    });
  }

  it('has no table that no data stands behind', () => {
    const names = [...readme.matchAll(/^<!-- table (\S+) -->$/gm)].map(([, name]) => name);
    expect(names).to.have.members(Object.keys(SPEC_TABLES));
  });

  it('numbers its rules from 1 without a gap', () => {
    expect(rules).to.deep.equal(rules.map((_, index) => index + 1));
    expect(rules).to.have.length.greaterThan(20);
  });

  it('has every rule that a transition cites', () => {
    for (const { rule } of TRANSITIONS) expect(readme).to.include(`- **${rule}** `);
  });
});
