import { readFileSync } from 'node:fs';

/** The table of server/RULES.md that takes the seeds sentence by sentence. */

export interface SeedRule {
  /** `000` to `004`. */
  readonly seed: string;
  readonly sentence: string;
  /** From the repository's root. */
  readonly file: string;
  /** What mocha calls the test: its own title, the last of its path. */
  readonly title: string;
}

const RULES = new URL('../../server/RULES.md', import.meta.url);
export const SEEDS_HEADING = '## The seeds, sentence by sentence';
const ROW =
  /^\| (?<seed>00[0-4]) +\| (?<sentence>[^|]+?) +\| `(?<file>[^`]+)` › (?<title>[^|]+?) +\|$/;

/** @throws Error for a line of the table that is no row */
export function readSeedRules(text = readFileSync(RULES, 'utf8')): readonly SeedRule[] {
  const [, section = ''] = text.split(`${SEEDS_HEADING}\n`);
  const [own = ''] = section.split('\n## ');
  const lines = own.split('\n').filter((line) => /^\| (?!seed |---)/.test(line));
  return lines.map((line) => {
    const { seed, sentence, file, title } = ROW.exec(line)?.groups ?? {};
    if (!seed || !sentence || !file || !title) throw new Error(`No row of the seeds: ${line}`);
    return { seed, sentence, file, title };
  });
}

/** A test that has run: its file from the repository's root, and its own title. */
export interface RanTest {
  readonly file: string;
  readonly title: string;
}

/** The rules whose test has not passed. */
export function missingRules(
  rules: readonly SeedRule[],
  passed: readonly RanTest[],
): readonly SeedRule[] {
  const names = new Set(passed.map(({ file, title }) => `${file} › ${title}`));
  return rules.filter(({ file, title }) => !names.has(`${file} › ${title}`));
}
