import type { UnixMillis } from './types.ts';

/** Where time comes from. Handed in by an edge; nothing below an edge reads a clock by itself. */
export interface Clock {
  now(): UnixMillis;
}
