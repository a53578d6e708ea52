import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';
import { missingRules, type RanTest, readSeedRules, type SeedRule } from './seed-rules.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * As `dot`, for a run of all tests: in the end each rule of the seeds must have been shown by the
 * test that server/RULES.md names for it. One that did not run, or was skipped, fails the run.
 */
export default class RulesReporter extends Mocha.reporters.Dot {
  readonly #passed: RanTest[] = [];
  readonly #rules: readonly SeedRule[];

  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions, rules = readSeedRules()) {
    super(runner, options);
    this.#rules = rules;
    runner.on('pass', ({ file = '', title }) => {
      this.#passed.push({ file: path.relative(ROOT, file).split(path.sep).join('/'), title });
    });
  }

  override done(failures: number, finish?: (failures: number) => void): void {
    const missing = missingRules(this.#rules, this.#passed);
    for (const { seed, sentence, file, title } of missing) {
      process.stdout.write(`  not shown: seed ${seed}, ${sentence}: ${file} › ${title}\n`);
    }
    const { length: count } = this.#rules;
    const shown = count - missing.length;
    process.stdout.write(`  rules of the seeds: ${shown} of ${count} shown by their tests\n\n`);
    finish?.(failures + missing.length);
  }
}
