/**
 * What crystals, cells and LCDs have in common, each number with its source; what models differ in
 * is in profiles/parts.ts. What no source gives is marked: fitted to figures that one gives, or
 * chosen. The rules are FS-60 to FS-75.
 */

/** A point of a curve; between two points it is straight, beyond the ends level. */
export type CurvePoint = readonly [x: number, y: number];

/** Where devices live unless told otherwise, degrees Celsius; chosen: the crystals' turnover. */
export const AMBIENT_CELSIUS = 25;

/** Where a device can be at all; chosen, wider than the -20 to 70 that makers allow (Swivel). */
export const CELSIUS_MIN = -60;
export const CELSIUS_MAX = 120;

/** A Julian year: what "a year" of ageing, of self-discharge and of life means here. */
export const YEAR_MILLIS = 365.25 * 24 * 3600 * 1000;

/**
 * Open-circuit volts at 25 degrees by the part of the usable capacity that has been drawn. Fresh
 * 3.15 to 3.35 V (Renata's designer's guide); flat, then a sharp fall after about 2.8 V at 170 of
 * 240 mAh, which is 0.885 of four fifths (Duracell's sheet). The last point is fitted: there a
 * press at 25 degrees just fails, which is what "usable" means.
 */
export const OPEN_CIRCUIT_VOLTS: readonly CurvePoint[] = [
  [0, 3.26],
  [0.05, 3.1],
  [0.2, 3.02],
  [0.5, 2.96],
  [0.75, 2.88],
  [0.885, 2.8],
  [1, 2.49],
];

/** Volts a degree: 3.15 V at -20 and 3.35 V at 60 (the range that Renata's guide gives). */
export const VOLTS_PER_CELSIUS = 0.0025;

/**
 * Inner resistance, in fresh ones, by the part that has been drawn: flat to 150 of 240 mAh and half
 * as much again at 170 (Duracell's sheet); four times as much at the end is chosen.
 */
export const RESISTANCE_SHARES: readonly CurvePoint[] = [
  [0, 1],
  [0.6, 1.1],
  [0.75, 1.35],
  [0.885, 1.7],
  [1, 4],
];

/**
 * Resistance doubles with each so many degrees below 25; fitted so that at -20 degrees about three
 * quarters of a cell can be used (a weather station's users, weak).
 */
export const RESISTANCE_DOUBLING_CELSIUS = 20;

/** The controller resets below this: the cells' cut-off (Wikipedia's table of makers). */
export const BROWN_OUT_VOLTS = 2;
/** Below this, under a press, firmware warns and the LCD begins to fade; chosen. */
export const LOW_VOLTS = 2.4;
/** Below this, under a press, the display can no longer be trusted; chosen. */
export const WEAK_VOLTS = 2.15;

/** What a fault makes of the cell, as the part that has been drawn at least. */
export const FORCED_DEPTHS = { low: 0.94, weak: 0.985, empty: 1 } as const;

/**
 * Contrast of the glass by degrees: whole within 0 to 50, where PIN tokens are to be used
 * (Digipass 260), still readable at the -20 and 70 that fobs bear (Swivel). The rest is chosen.
 */
export const CONTRAST_BY_CELSIUS: readonly CurvePoint[] = [
  [-40, 0],
  [-20, 0.6],
  [0, 1],
  [50, 1],
  [70, 0.6],
  [90, 0],
];

/** Contrast of the glass by the volts under a press; chosen. */
export const CONTRAST_BY_VOLTS: readonly CurvePoint[] = [
  [1.7, 0],
  [2.4, 1],
];

/** Cells of one box differ so much in capacity: makers' figures are 220 to 240 mAh, about 3 %. */
export const CELL_SHARE_DEVIATION = 0.02;
export const CELL_SHARE_MAX_OFF = 0.06;

/** The straight line through the points next to `x`. */
export function onCurve(points: readonly CurvePoint[], x: number): number {
  let before = points[0];
  if (before === undefined || x <= before[0]) return before?.[1] ?? Number.NaN;
  for (const point of points) {
    if (x <= point[0]) {
      const part = (x - before[0]) / (point[0] - before[0]);
      return before[1] + part * (point[1] - before[1]);
    }
    before = point;
  }
  return before[1];
}
