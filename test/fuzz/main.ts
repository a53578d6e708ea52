import { parseSpan } from '../../shared/span.ts';
import type { FuzzTarget } from './fuzz.ts';
import { FUZZ_TARGETS } from './targets.ts';

/**
 * npm run fuzz -- [TARGET…] [--time 10m] [--seed N]: fuzzes each target for the time given, and
 * prints what it found with the seed that finds it again. Exits 1 where something was found.
 */

const USAGE = 'npm run fuzz -- [TARGET…] [--time 60s] [--seed N]';

interface Wishes {
  readonly millis: number;
  readonly seed: number;
  readonly names: readonly string[];
}

function readWishes(words: readonly string[]): Wishes {
  let millis: number | undefined = 60_000;
  let seed = (Date.now() ^ process.pid) | 0;
  const names: string[] = [];
  for (let place = 0; place < words.length; place += 1) {
    const word = words[place] ?? '';
    if (word === '--time') millis = parseSpan(words[++place] ?? '');
    else if (word === '--seed') seed = Number(words[++place]);
    else names.push(word);
  }
  if (millis === undefined || !Number.isInteger(seed)) throw new Error(USAGE);
  return { millis, seed, names };
}

function chosen(targets: readonly FuzzTarget[], names: readonly string[]): readonly FuzzTarget[] {
  const unknown = names.find((name) => targets.every((target) => target.name !== name));
  if (unknown !== undefined) {
    throw new Error(
      `No target ${unknown}; there are ${targets.map(({ name }) => name).join(', ')}`,
    );
  }
  return names.length === 0 ? targets : targets.filter(({ name }) => names.includes(name));
}

const { millis, seed, names } = readWishes(process.argv.slice(2));
let findings = 0;
for (const target of chosen(FUZZ_TARGETS, names)) {
  const { cases, finding } = await target.run({ seed, millis });
  const came = finding === undefined ? 'nothing found' : `FOUND\n${finding}`;
  process.stdout.write(`${target.name}: --seed ${seed}: ${cases} cases, ${came}\n`);
  if (finding !== undefined) findings += 1;
}
process.exitCode = findings === 0 ? 0 : 1;
