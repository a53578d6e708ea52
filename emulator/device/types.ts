import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import type { Transition } from '../../firmware-spec/transitions.ts';
import type { State } from '../../firmware-spec/vocabulary.ts';
import type { Otp } from '../../shared/otp.ts';
import type { Code, Seed, Serial, TokenParameters, UnixMillis } from '../../shared/types.ts';

/** What changes in a device as it lives. Pure data; kept in its file in the drawer. */
export interface DeviceState {
  readonly state: State;
  /** True time up to which physics has been integrated. */
  readonly asOf: UnixMillis;
  /** Device time less true time, in milliseconds (a fraction is kept). */
  readonly offsetMillis: number;
  /** Event tokens: the counter that the next code is made from. */
  readonly counter: number;
  /** The moving factor whose code shows; undefined while the display is dark. */
  readonly shownFactor?: number;
  /** Device time at which the display was lit; undefined while it is dark. */
  readonly litAt?: number;
  /** True time of the last press, for `--after`; undefined before the first. */
  readonly pressedAt?: UnixMillis;
  readonly presses: number;
}

/** One device: what the factory fixed, and its state. */
export interface Device {
  readonly serial: Serial;
  readonly profile: Profile;
  /** `live` follows the computer's clock without drift; `simulated` has physics. */
  readonly mode: 'live' | 'simulated';
  readonly parameters: TokenParameters;
  readonly seed: Seed;
  /** Parts per million by which device time runs fast (negative: slow); 0 is ideal. */
  readonly ratePpm: number;
  readonly state: DeviceState;
}

/** What enters the device besides its own state. */
export interface DeviceEnv {
  readonly otp: Otp;
  /** The firmware: the table that is interpreted. Default: the specification's. */
  readonly transitions?: readonly Transition[];
}

/** The LCD: segments first; text is read off them. */
export interface Frame {
  readonly lit: boolean;
  /** One bit mask a cell, left to right: bits 0 to 6 are segments a to g. */
  readonly cells: readonly number[];
  /** Countdown marks that show, from the first. */
  readonly marks: number;
  readonly marksMax: number;
}

/** What a person, and a test, can know of a device at one moment. */
export interface Reading {
  readonly at: UnixMillis;
  readonly state: State;
  readonly frame: Frame;
  /** Read off the segments, trimmed; empty when dark. */
  readonly display: string;
  /** What the seed gives; null unless a code shows. */
  readonly code: Code | null;
  /** Milliseconds until the shown code is replaced or goes dark; null when dark. */
  readonly remainingMillis: number | null;
}
