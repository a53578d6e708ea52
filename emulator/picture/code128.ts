/** A bar code of the serial: Code 128 (ISO/IEC 15417), code sets B and C. */

/** Widths of bar, space, bar and so on, in modules, by symbol value; the last is the stop. */
const PATTERNS = (
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 ' +
  '221312 231212 112232 122132 122231 113222 123122 123221 223211 221132 ' +
  '221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 ' +
  '212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 ' +
  '231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 ' +
  '231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 ' +
  '314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 ' +
  '112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 ' +
  '111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 ' +
  '214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 ' +
  '114131 311141 411131 211412 211214 211232 2331112'
).split(' ');

const TO_C = 99;
const TO_B = 100;
const START_B = 104;
const START_C = 105;
const STOP = 106;
const CHECK_MODULUS = 103;
/** Code set B begins with the space. */
const FIRST_SIGN = 32;
/** Runs of digits from this length on are shorter in pairs; between other signs from six on. */
const PAIRS_FROM = 4;
const PAIRS_BETWEEN_FROM = 6;

export interface Bar {
  /** Modules from the first bar's left edge. */
  readonly from: number;
  readonly modules: number;
}

export interface BarCode {
  readonly bars: readonly Bar[];
  /** From the first bar to the last; ten blank modules belong on either side. */
  readonly modules: number;
}

export const QUIET_MODULES = 10;

/** @param text printable ASCII, as every serial is; anything else has no bars and is left out */
export function code128(text: string): BarCode {
  const values = symbolsOf(text.replace(/[^ -~]/g, ''));
  const check = values.reduce((sum, value, place) => sum + value * Math.max(1, place), 0);
  const bars: Bar[] = [];
  let at = 0;
  for (const value of [...values, check % CHECK_MODULUS, STOP]) {
    [...(PATTERNS[value] ?? '')].forEach((width, place) => {
      const modules = Number(width);
      if (place % 2 === 0) bars.push({ from: at, modules });
      at += modules;
    });
  }
  return { bars, modules: at };
}

/** The start and the data as symbol values, digits in pairs where that is shorter. */
function symbolsOf(text: string): number[] {
  const parts = partsOf(text);
  const values: number[] = [parts[0]?.pairs === true ? START_C : START_B];
  parts.forEach(({ signs, pairs }, place) => {
    if (place > 0) values.push(pairs ? TO_C : TO_B);
    const units = signs.match(pairs ? /../g : /./g) ?? [];
    values.push(...units.map((unit) => (pairs ? Number(unit) : unit.charCodeAt(0) - FIRST_SIGN)));
  });
  return values;
}

interface Part {
  readonly signs: string;
  readonly pairs: boolean;
}

/** Long runs of digits apart from the rest; of an odd run the first digit stays with the rest. */
function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let plain = '';
  for (const { 0: run, index } of text.matchAll(/[0-9]+|[^0-9]+/g)) {
    const atAnEnd = index === 0 || index + run.length === text.length;
    const enough = atAnEnd ? PAIRS_FROM : PAIRS_BETWEEN_FROM;
    if (!/^[0-9]/.test(run) || run.length < enough) {
      plain += run;
      continue;
    }
    const odd = run.length % 2;
    plain += run.slice(0, odd);
    if (plain !== '') parts.push({ signs: plain, pairs: false });
    plain = '';
    parts.push({ signs: run.slice(odd), pairs: true });
  }
  if (plain !== '') parts.push({ signs: plain, pairs: false });
  return parts;
}
