import type { ProfileName, SecondPress } from '../vocabulary.ts';

/** One model of token, as data. */
export interface Profile {
  readonly name: ProfileName;
  /** What a person would call it. */
  readonly title: string;
  readonly type: 'event' | 'time';
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA512';
  readonly digits: 6 | 7 | 8;
  /** Time profiles only: seconds a step. */
  readonly stepSeconds?: number;
  readonly display: {
    /** Seven-segment cells, left to right. */
    readonly cells: number;
    /** Countdown marks beside the cells, each worth an equal part of the step; 0 for none. */
    readonly countdownMarks: number;
    /** The display goes dark after so long. */
    readonly litSeconds: number;
  };
  readonly secondPress: SecondPress;
  readonly crystal: {
    /** Standard deviation of the factory's trim, ppm. */
    readonly trimPpm: number;
    /** No crystal is further off than this, ppm. */
    readonly trimPpmMax: number;
  };
  /** A new serial is this followed by eight digits. */
  readonly serialPrefix: string;
}
