import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { temporaryDirectory } from '../support/fob-env.ts';
import { fobProgram } from '../support/fob-program.ts';
import { median, spread, table } from './report.ts';

const ROUNDS = 31;
/** `fob press` as a whole process may take so many times what an empty `node` does. */
export const STARTUP_RATIO_MAX = 4;

/**
 * `fob press` as a whole process beside `node -e 0`, one after the other in each round, so that
 * what else the machine does meets both alike. Prints medians and their ratio.
 */
export async function benchFobStartup(write: (text: string) => void): Promise<void> {
  const { empty, press } = await measureFobStartup(ROUNDS);
  const ratio = median(press) / median(empty);
  const rows = [
    ['node -e 0', spread(empty, 1), '1'],
    ['fob press', spread(press, 1), ratio.toFixed(2)],
  ];
  write(`${table(['process', 'ms: median (least to most)', 'ratio'], rows)}\n\n`);
  write(`At most ${STARTUP_RATIO_MAX}: ${ratio <= STARTUP_RATIO_MAX ? 'held' : 'MISSED'}.\n`);
}

/** Milliseconds of each run, of both. */
export async function measureFobStartup(
  rounds: number,
): Promise<{ readonly empty: number[]; readonly press: number[] }> {
  const program = await fobProgram();
  const home = temporaryDirectory();
  try {
    const drawer = ['--drawer', path.join(home.path, 'drawer')];
    timed([program.file, 'make', 'BENCH', '--profile', 'e6', ...drawer]);
    const press = [program.file, 'press', 'BENCH', '--json', ...drawer];
    const times = { empty: [] as number[], press: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      times.empty.push(timed(['-e', '0']));
      times.press.push(timed(press));
    }
    return times;
  } finally {
    home.remove();
  }
}

/** Milliseconds that a Node process takes from its start to its end, which has to be good. */
export function timed(argv: readonly string[]): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${argv.join(' ')}: exit ${status}: ${stderr}`);
  return performance.now() - begun;
}
