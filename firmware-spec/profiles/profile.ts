import type { Icon, MenuItem, ProfileName, SecondPress } from '../vocabulary.ts';

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
    /** The display goes dark after so long; `alwaysOn` says otherwise. */
    readonly litSeconds: number;
    /** A message that something else follows (low battery, FAIL n) stands for so long. */
    readonly messageSeconds: number;
    readonly icons: readonly Icon[];
  };
  readonly button: {
    /** Contacts closer together than this are one press. */
    readonly debounceMillis: number;
    /** Held so long, a press is a hold; absent: there is no menu. */
    readonly holdSeconds?: number;
  };
  readonly secondPress: SecondPress;
  /** What a hold shows, in order; empty without a menu. */
  readonly menu: readonly MenuItem[];
  readonly messages: {
    readonly lowBattery: string;
    readonly err: string;
    /** `challenge`: the seven digits that an unlock code is made from. */
    readonly deviceLocked: string;
    /** After the cell was out: the seed is gone. */
    readonly erased: string;
    readonly disabled: string;
  };
  /** A PIN pad; absent: one button. */
  readonly pin?: {
    readonly digitsMin: number;
    readonly digitsMax: number;
    /** Wrong PINs in a row that lock the device. */
    readonly tries: number;
    readonly challengeDigits: number;
  };
  /** Always lit, without a button to light it; ends for good so long after it was made. */
  readonly alwaysOn?: { readonly years: number };
  readonly crystal: {
    /** Standard deviation of the factory's trim, ppm. */
    readonly trimPpm: number;
    /** No crystal is further off than this, ppm. */
    readonly trimPpmMax: number;
    /** Mean and deviation of the temperature at which it runs fastest, degrees Celsius. */
    readonly turnoverCelsius: number;
    readonly turnoverDeviation: number;
    /** ppm a square degree from turnover; negative. */
    readonly parabolicPpm: number;
    /** Most that the first year changes it, ppm either way; later years change less. */
    readonly ageingPpm: number;
  };
  readonly cell: {
    readonly model: 'CR2016' | 'CR2032';
    /** What the device can draw from a fresh one. */
    readonly capacityMicroampHours: number;
    readonly sleepMicroamps: number;
    /** Of one press that shows a code: waking, computing and the display's time. */
    readonly pressMicroampHours: number;
    /** Part of the capacity that is lost in a year by itself. */
    readonly selfDischargePerYear: number;
    /** Inner resistance when fresh at 25 degrees Celsius. */
    readonly freshOhms: number;
    /** What a press draws at its peak. */
    readonly peakMilliamps: number;
  };
  /** A new serial is this followed by eight digits. */
  readonly serialPrefix: string;
}
