import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import Mocha from 'mocha';
import sinon from 'sinon';
import RulesReporter from './rules-reporter.ts';
import { readSeedRules, SEEDS_HEADING, type SeedRule } from './seed-rules.ts';

const TABLE = `# Rules

${SEEDS_HEADING}

| seed | rule | test |
| ---- | ---- | ---- |
| 000  | Nothing before payment | \`test/a.test.ts\` › issues nothing |
| 004  | Revoked is final       | \`test/b.test.ts\` › refuses to renew |

## Another section

| 000 | not of this table | \`test/c.test.ts\` › never read |
`;
const RULES = readSeedRules(TABLE);

/** What a whole run comes to in which `passed` of the rules' tests pass, and none other is. */
function failuresOf(passed: readonly SeedRule[]): number | undefined {
  const runner = new Mocha.Runner(new Mocha.Suite('all'));
  const reporter = new RulesReporter(runner, undefined, RULES);
  for (const { file, title } of passed) {
    const test = new Mocha.Test(title, () => undefined);
    test.file = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    runner.emit('pass', test);
  }
  let failures: number | undefined;
  reporter.done(0, (count) => {
    failures = count;
  });
  return failures;
}

describe('the table of the seeds', () => {
  beforeEach(() => {
    sinon.stub(process.stdout, 'write').returns(true);
    sinon.stub(console, 'log');
  });
  afterEach(() => sinon.restore());

  it('is read row by row, its own section alone', () => {
    expect(RULES.map(({ seed, title }) => `${seed} ${title}`)).to.deep.equal([
      '000 issues nothing',
      '004 refuses to renew',
    ]);
    expect(() => readSeedRules(`${SEEDS_HEADING}\n| 007 | x | y |\n`)).to.throw('No row');
  });

  it('lets a run pass in which every named test did', () => {
    expect(failuresOf(RULES)).to.equal(0);
  });

  it('fails a run in which a named test did not run, or ran under another name or file', () => {
    expect(failuresOf(RULES.slice(1))).to.equal(1);
    expect(failuresOf(RULES.map((rule) => ({ ...rule, title: `${rule.title}!` })))).to.equal(2);
    expect(failuresOf(RULES.map((rule) => ({ ...rule, file: 'test/d.test.ts' })))).to.equal(2);
    expect(failuresOf([])).to.equal(2);
  });
});
