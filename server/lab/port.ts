import type { Clock } from '../../shared/clock.ts';
import type { UnixMillis } from '../../shared/types.ts';

export interface LabTime {
  readonly now: UnixMillis;
  readonly frozen: boolean;
}

/** One move: time first, then whether it stands still. What is left out stays as it is. */
export interface LabMove {
  /** Whole milliseconds from 0; all moves together at most `LAB_ADVANCE_MILLIS_MAX`. */
  readonly advanceMillis?: number | undefined;
  readonly frozen?: boolean | undefined;
}

/** The clock of a lab: ticks with the system's, at an offset, or stands still. */
export interface LabClock extends Clock {
  readonly frozen: boolean;
  /**
   * Resolves when the move is durable; from then on `now()` shows it. `actor` is who moves it, as
   * the audit log names him; default `system`.
   *
   * @throws FobtwinError `invalidInput`, field `/advance`, beyond the bounds
   */
  move(move: LabMove, options?: { readonly actor?: string }): Promise<LabTime>;
}

/** What falls due by the clock that decisions are taken at. */
export interface DueJob {
  readonly name: string;
  /**
   * @param stepwise each thing at the moment it fell due: a lab's clock has jumped over it. Default
   * false: all that is due at `now`
   */
  run(now: UnixMillis, options?: { readonly stepwise?: boolean }): Promise<unknown>;
}
