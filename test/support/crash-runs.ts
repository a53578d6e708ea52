import { integerFrom } from './run-settings.ts';

/**
 * How the crash tests run: `FOBTWIN_CRASH_SEED` chooses again what a printed seed chose,
 * `FOBTWIN_CRASH_IMAGES` makes a run longer or shorter.
 */
export interface CrashRuns {
  readonly seed: number;
  readonly images: number;
}

export function crashRuns(usualImages: number): CrashRuns {
  return {
    seed: integerFrom('FOBTWIN_CRASH_SEED', 0) ?? (Date.now() ^ (process.pid << 12)) >>> 0,
    images: integerFrom('FOBTWIN_CRASH_IMAGES', 1) ?? usualImages,
  };
}

/** Says how to choose the very same again. */
export function announce(title: string, { seed, images }: CrashRuns): void {
  process.stdout.write(`${title}: FOBTWIN_CRASH_SEED=${seed} FOBTWIN_CRASH_IMAGES=${images}\n`);
}
