/** Do two samples come from one distribution? Welch's t for means, Mann-Whitney's U for ranks. */

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const variance = (values: readonly number[]): number => {
  const middle = mean(values);
  return sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1);
};

/** Welch's t; beyond +-4.5 a difference of means is taken as shown (as leakage tests do). */
export const welchT = (a: readonly number[], b: readonly number[]): number =>
  (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length);

/**
 * Mann and Whitney's U as a standard normal deviate, tied ranks shared: what a few slow outliers do
 * to a mean they do not do to it.
 */
export function mannWhitneyZ(a: readonly number[], b: readonly number[]): number {
  const all = [
    ...a.map((value) => ({ value, isOfA: true })),
    ...b.map((value) => ({ value, isOfA: false })),
  ].toSorted((one, other) => one.value - other.value);
  const count = all.length;
  let ranksOfA = 0;
  let ties = 0;
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && all[end]?.value === all[start]?.value) end += 1;
    const tied = end - start;
    const rank = (start + 1 + end) / 2;
    ranksOfA += rank * all.slice(start, end).filter(({ isOfA }) => isOfA).length;
    ties += tied ** 3 - tied;
    start = end;
  }
  const u = ranksOfA - (a.length * (a.length + 1)) / 2;
  const expected = (a.length * b.length) / 2;
  const spread = ((a.length * b.length) / 12) * (count + 1 - ties / (count * (count - 1)));
  return (u - expected) / Math.sqrt(spread);
}

/** The value below which a share of the sample lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
