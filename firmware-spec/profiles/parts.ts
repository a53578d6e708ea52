import type { Profile } from './profile.ts';

/** Parts that several models are built with, each number with its source. */

/** A 32.768 kHz tuning fork, trimmed by the maker. */
export const TRIMMED_CRYSTAL: Profile['crystal'] = {
  // Untrimmed forks are +-20 ppm (TF20, ACT 3x8); fleets in the field drift by about 4 (Token2: 2
  // minutes a year; SafeID: 1 s in 3 days), so makers trim. The 3 ppm are fitted to that.
  trimPpm: 3,
  trimPpmMax: 20,
  // Both sheets: 25 +- 5 degrees Celsius. The deviation is chosen: 5 are more than three of it.
  turnoverCelsius: 25,
  turnoverDeviation: 1.5,
  // TF20: -0.030 +- 0.01; ACT 3x8: -0.035 +- 0.0086. This lies in both.
  parabolicPpm: -0.034,
  // TF20: +-3 ppm at most in the first year.
  ageingPpm: 3,
};

/** The cell of a slim fob. */
export const SLIM_CELL: Profile['cell'] = {
  model: 'CR2016',
  // 90 mAh (electronicspoint, 2016 beside 2032), of which the device can draw 80 %: fitted.
  capacityMicroampHours: 72_000,
  // "Power < 0.005 mW" (Swivel's fob) is at most 1.67 uA at 3 V.
  sleepMicroamps: 1.5,
  // Fitted to lives of three to five years as fobs are used. The display's share of it is about
  // 0.1 (12 uA for 30 s); the rest stands for old 8-bit firmware, 4.7 mA for a second.
  pressMicroampHours: 1.4,
  // Sheets: under 1 % a year; Rayovac: 1.5 %.
  selfDischargePerYear: 0.01,
  // Coin cells have 10 to 40; a CR2032 18 to 20, a thinner cell a little more. Fitted: a fresh one
  // bears a press at -20 degrees, one that is 80 % used does not.
  freshOhms: 24,
  // Fitted, with the charge of a press: a second of a microcontroller that computes an HMAC.
  peakMilliamps: 5,
};

/** The cell of a thick fob: more charge, and a device that draws more. */
export const THICK_CELL: Profile['cell'] = {
  model: 'CR2032',
  // 225 mAh typical, cut off at 2 V, less what a press can no longer draw.
  capacityMicroampHours: 200_000,
  // Fitted, with the charge of a press, to 5 years unused and 3.7 at ten presses a day.
  sleepMicroamps: 4.3,
  pressMicroampHours: 4,
  selfDischargePerYear: 0.01,
  // 18 to 20 ohms, flat to 150 of 240 mAh (interactive-matter, quoting Duracell's sheet).
  freshOhms: 18,
  peakMilliamps: 5,
};

/** What one-button models say; the texts were seen on real tokens, but for `LoC`. */
export const MESSAGES: Profile['messages'] = {
  // "bAtt n" and "batt 75" were seen.
  lowBattery: 'bAtt',
  err: 'Err',
  // Chosen: no text of a locked token without a PIN was found.
  deviceLocked: 'LoC',
  // A Digipass after five minutes without its cell.
  erased: '88888888',
  // The Blizzard Authenticator's permanent text.
  disabled: 'diSAbLEd',
};
