import type { Clock } from '../../shared/clock.ts';

/** How often something may be done: so many a second for long, so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Allowance {
  /** Takes one; 0 when it was there, else milliseconds until one will be. */
  take(): number;
}

/** A bucket that fills at a steady rate. A clock that is set back fills nothing. */
export function createAllowance({ perSecond, burst }: Rate, clock: Clock): Allowance {
  let left = burst;
  let filledAt = clock.now();
  return {
    take() {
      const now = clock.now();
      left = Math.min(burst, left + (Math.max(0, now - filledAt) * perSecond) / 1000);
      filledAt = now;
      if (left < 1) return Math.ceil(((1 - left) * 1000) / perSecond);
      left -= 1;
      return 0;
    },
  };
}
