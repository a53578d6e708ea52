import { integerFrom } from './run-settings.ts';

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

/** Says how to run the very same again. */
export function announce(title: string, { seed, numRuns }: ModelRuns): void {
  process.stdout.write(`${title}: FOBTWIN_MODEL_SEED=${seed} FOBTWIN_MODEL_RUNS=${numRuns}\n`);
}
