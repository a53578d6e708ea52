import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { mutateTree, type Patch } from '../support/mutated-tree.ts';
import { readSeedRules } from '../support/seed-rules.ts';
import { SEED_MUTATIONS, type SeedMutation } from './seed-mutations.ts';

/**
 * Rules of the seeds taken out of a copy of the sources, one at a time: the test that RULES.md
 * names for the rule must then fail there, and none of its neighbours has to be asked.
 */

const MOCHA = fileURLToPath(new URL('../../node_modules/mocha/bin/mocha.js', import.meta.url));

/** The whole of the server's tests: a named test may need any of them. */
const PARTS = [
  ...['server', 'shared', 'firmware-spec', 'package.json'],
  ...['test/support', 'test/server', 'test/model'],
];

interface Ran {
  readonly passes: number;
  readonly failures: readonly {
    readonly title: string;
    readonly err: { readonly stack?: string };
  }[];
}

async function runNamed(patches: readonly Patch[], file: string, title: string): Promise<Ran> {
  const tree = mutateTree(patches, { parts: PARTS, withTests: true });
  const pattern = `${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
  const args = ['--node-option', 'import=tsx', '--no-config', '--timeout', '20000', '--reporter'];
  try {
    return await new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [MOCHA, ...args, 'json', '--grep', pattern, file],
        { cwd: tree.place, maxBuffer: 16 * 1024 * 1024 },
        (_failed, output) => {
          const json = output.slice(output.indexOf('{\n  "stats"'));
          try {
            const { stats, failures } = JSON.parse(json);
            resolve({ passes: stats.passes, failures });
          } catch (error) {
            reject(error instanceof Error ? error : new Error(output));
          }
        },
      );
    });
  } finally {
    tree.remove();
  }
}

/** Each takes seconds: here the first of each seed, in `npm run soak` all of them. */
function triedNow(): readonly SeedMutation[] {
  if (process.env['FOBTWIN_SOAK']) return SEED_MUTATIONS;
  const rules = readSeedRules();
  const seedOf = (rule: string) => rules.find(({ sentence }) => sentence === rule)?.seed;
  const seeds = SEED_MUTATIONS.map(({ rule }) => seedOf(rule));
  return SEED_MUTATIONS.filter((_, place) => seeds.indexOf(seeds[place]) === place);
}

describe('a rule of the seeds that is taken out', function () {
  this.timeout(60_000);
  const rules = readSeedRules();

  it('is tried for ten of them at least, of each seed one', () => {
    expect(SEED_MUTATIONS.length).to.be.at.least(10);
    const seeds = SEED_MUTATIONS.map(
      ({ rule }) => rules.find((row) => row.sentence === rule)?.seed,
    );
    expect([...new Set(seeds)]).to.have.members(['000', '001', '002', '003', '004']);
  });

  for (const { rule, patches } of triedNow()) {
    it(`fails its test: ${rule}`, async () => {
      const row = rules.find(({ sentence }) => sentence === rule);
      if (row === undefined) throw new Error(`RULES.md has no such rule: ${rule}`);
      const { passes, failures } = await runNamed(patches, row.file, row.title);
      const titles = failures.map(({ title }) => title);
      expect(titles, `${passes} passed`).to.include(row.title);
      // The test's own finding, not a mutant that falls over.
      const failure = failures.find(({ title }) => title === row.title);
      expect(failure?.err.stack).to.match(/^(Assertion)?Error: /);
    });
  }
});
