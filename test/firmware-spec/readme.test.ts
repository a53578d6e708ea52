import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { TRANSITIONS } from '../../firmware-spec/transitions.ts';
import { TRACES } from '../emulator/device/traces.ts';
import { SPEC_TABLES } from './spec-tables.ts';

const readme = readFileSync(new URL('../../firmware-spec/README.md', import.meta.url), 'utf8');

/** What stands between `<!-- table NAME -->` and the next `<!-- end -->`. */
function between(name: string): string | undefined {
  const [, after] = readme.split(`<!-- table ${name} -->\n`);
  return after?.split('<!-- end -->')[0]?.trimEnd();
}

const rules = [...readme.matchAll(/^- \*\*FS-(\d+)\*\*/gm)].map(([, number]) => Number(number));

/** The rules that a text names. `FS-60 to FS-64` names its ends only. */
function named(text: string): number[] {
  return [...text.matchAll(/FS-(\d+)/g)].map(([, number]) => Number(number));
}

/** Rules that stand in the titles of tests, and in the traces, whose rules become titles. */
function testedRules(): ReadonlySet<number> {
  const tests = new URL('../', import.meta.url);
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' });
  const titles = files
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(new URL(file.replaceAll('\\', '/'), tests), 'utf8').matchAll(TITLE),
    ])
    .map(([, , title = '']) => title);
  return new Set([...titles, ...TRACES.flatMap((trace) => trace.rules)].flatMap(named));
}
const TITLE = /\b(?:it|describe)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;

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

  it('numbers its rules from 1 without a gap, each once', () => {
    const ascending = rules.toSorted((one, other) => one - other);
    expect(ascending).to.deep.equal(ascending.map((_, index) => index + 1));
    expect(rules).to.have.length.greaterThan(20);
  });

  it('has every rule that a transition cites', () => {
    for (const { rule } of TRANSITIONS) expect(readme).to.include(`- **${rule}** `);
  });

  it('has every rule that a test names', () => {
    expect([...testedRules()].filter((rule) => !rules.includes(rule))).to.deep.equal([]);
  });

  const tested = testedRules();
  for (const rule of rules) {
    it(`FS-${rule} is named by a test`, () => {
      expect(tested.has(rule)).to.equal(true);
    });
  }
});
