import type { Profile } from '../../firmware-spec/profiles/profile.ts';
import type { Transition } from '../../firmware-spec/transitions.ts';
import type { FaultName, Icon, State } from '../../firmware-spec/vocabulary.ts';
import type { Otp } from '../../shared/otp.ts';
import type { Code, Seed, Serial, TokenParameters, UnixMillis } from '../../shared/types.ts';

/** What changes in a device as it lives. Pure data; kept in its file in the drawer. */
export interface DeviceState {
  readonly state: State;
  /** True time up to which physics has been integrated. */
  readonly asOf: UnixMillis;
  /** Device time less true time, in milliseconds (a fraction is kept). */
  readonly offsetMillis: number;
  /** Ambient temperature since it was last changed, degrees Celsius. */
  readonly celsius: number;
  /** What is left in the cell, in microampere hours; never grows but by a new cell. */
  readonly chargeMicroampHours: number;
  /** Event tokens: the counter that the next code is made from. */
  readonly counter: number;
  /** The moving factor whose code shows; undefined while none does. */
  readonly shownFactor?: number;
  /** Device time at which the display was lit; undefined while it is dark. */
  readonly litAt?: number;
  /** Device time at which the message that shows began to; undefined while none does. */
  readonly messageAt?: number;
  /** Place in the profile's menu of the item that shows. */
  readonly menuPlace?: number;
  /** What has been entered on the PIN pad; kept in memory and in the drawer like the seed. */
  readonly entry?: string;
  /** PIN profiles: the PIN; undefined until one is set (the first that is entered). */
  readonly pin?: string;
  /** Wrong PINs in a row. */
  readonly wrongPins: number;
  /** The device has locked itself (FS rules on locking); no server knows of it. */
  readonly locked: boolean;
  /** Which challenge shows while it is locked: a number that grows with each. */
  readonly challenge: number;
  /** The seed is gone: the cell was out. Never undone. */
  readonly memoryLost: boolean;
  /** It has disabled itself. Never undone. */
  readonly disabled: boolean;
  /** True time of the last press, for `--after`; undefined before the first. */
  readonly pressedAt?: UnixMillis;
  readonly presses: number;
}

/** What the factory's tolerances made of one device. Never changes. */
export interface Physique {
  /** What the trim left, ppm at turnover; positive runs fast. */
  readonly trimPpm: number;
  readonly turnoverCelsius: number;
  /** ppm a square degree from turnover, as the profile has it; 0 in an ideal crystal. */
  readonly parabolicPpm: number;
  /** What ageing adds in the first year, ppm; signed. */
  readonly ageingPpm: number;
  /** Share of the profile's capacity that this cell holds, about 1. */
  readonly cellShare: number;
}

/** A fault as it was injected: what is wrong until it is cleared. */
export interface Fault {
  readonly name: FaultName;
  /** As its entry in the catalogue declares them; each has a value. */
  readonly attributes: Readonly<Record<string, number | string | boolean>>;
  /** How likely it strikes at each occasion, over 0 up to 1. */
  readonly probability: number;
  /** Whether it strikes at an occasion follows from this and the occasion alone. */
  readonly randomSeed: number;
  /** True time from which it acts. */
  readonly since: UnixMillis;
}

/** One device: what the factory fixed, what is wrong with it, and its state. */
export interface Device {
  readonly serial: Serial;
  readonly profile: Profile;
  /** `live` follows the computer's clock without drift or wear; `simulated` has physics. */
  readonly mode: 'live' | 'simulated';
  readonly parameters: TokenParameters;
  readonly seed: Seed;
  /** True time at which it was made, or programmed anew: its clock was right then. */
  readonly madeAt: UnixMillis;
  readonly physique: Physique;
  /** At most one of each name; in the order of injection. */
  readonly faults: readonly Fault[];
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
  readonly icons: readonly Icon[];
  /** 0 (nothing to be seen) to 1; below `READABLE_CONTRAST` nobody reads it. */
  readonly contrast: number;
  /** The device is held upside down. */
  readonly rotated: boolean;
}

/** What a person, and a test, can know of a device at one moment. */
export interface Reading {
  readonly at: UnixMillis;
  readonly state: State;
  readonly frame: Frame;
  /** Read off the segments as an eye would, trimmed; empty when dark or too faint. */
  readonly display: string;
  /** What the seed gives; null unless a code shows. */
  readonly code: Code | null;
  /** Milliseconds until what shows is replaced or goes dark; null when nothing will. */
  readonly remainingMillis: number | null;
}
