/**
 * How the model tests run: `FOBTWIN_MODEL_SEED` replays what a printed seed began,
 * `FOBTWIN_MODEL_RUNS` makes a run longer or shorter.
 */
export interface ModelRuns {
  readonly seed: number;
  readonly numRuns: number;
}

export function modelRuns(usualRuns: number): ModelRuns {
  return {
    seed: integerFrom('FOBTWIN_MODEL_SEED', -(2 ** 31)) ?? (Date.now() ^ process.pid) | 0,
    numRuns: integerFrom('FOBTWIN_MODEL_RUNS', 1) ?? usualRuns,
  };
}

function integerFrom(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${name} is an integer of at least ${least}`);
}

/** Says how to run the very same again. */
export function announce(title: string, { seed, numRuns }: ModelRuns): void {
  process.stdout.write(`${title}: FOBTWIN_MODEL_SEED=${seed} FOBTWIN_MODEL_RUNS=${numRuns}\n`);
}
