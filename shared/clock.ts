import type { UnixMillis } from './types.ts';

/** Where time comes from. Handed in by an edge; nothing below an edge reads a clock by itself. */
export interface Clock {
  now(): UnixMillis;
  /**
   * Milliseconds that have passed since some moment; nobody can set it, so it tells when `now` was
   * set. Absent where there is none: `now` is then believed.
   */
  elapsedMillis?(): number;
}

/** Milliseconds that have passed since some moment, by what the clock has for that. */
export const elapsedBy = (clock: Clock): (() => number) =>
  clock.elapsedMillis?.bind(clock) ?? (() => clock.now());
