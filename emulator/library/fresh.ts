import type { Span } from './times.ts';

export interface FreshOptions {
  /** How long the code must still have to live when it shows. Default 0. */
  readonly minRemaining?: Span;
}
