const SPAN = /^(0|[1-9][0-9]{0,15})(ms|s|m|h|d)$/;

const MILLIS_BY_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The longest span: from 1970 to the last instant that a JavaScript Date can hold. */
export const SPAN_MILLIS_MAX = 8_640_000_000_000_000;

/**
 * An integer and a unit, `ms`, `s`, `m`, `h` or `d`: `30s`, `12h`, `30d`. No sign, no fraction, no
 * leading zero.
 *
 * @returns integer milliseconds, 0 to `SPAN_MILLIS_MAX`; `undefined` when the text is not a span
 */
export function parseSpan(text: string): number | undefined {
  const [, amount, unit] = SPAN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const millis = Number(amount) * (MILLIS_BY_UNIT[unit] ?? Number.NaN);
  return millis <= SPAN_MILLIS_MAX ? millis : undefined;
}
