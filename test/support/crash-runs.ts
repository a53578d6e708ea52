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

/** Uniform in [0, 1), and the same again from the same seed (mulberry32). */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Says how to choose the very same again. */
export function announce(title: string, { seed, images }: CrashRuns): void {
  process.stdout.write(`${title}: FOBTWIN_CRASH_SEED=${seed} FOBTWIN_CRASH_IMAGES=${images}\n`);
}

function integerFrom(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${name} is an integer of at least ${least}`);
}
