/** Where a chart's lines stand, and what is written beside them. */

export interface Tick {
  readonly value: number;
  readonly label: string;
}

const STEPS = [1, 2, 5, 10] as const;
const INTERVALS_MAX = 5;

/** Round values from at most `min` to at least `max`, two to about seven of them. */
export function niceTicks(min: number, max: number): Tick[] {
  const width = Math.max(max - min, Number.MIN_VALUE);
  const rough = Math.max(width / INTERVALS_MAX, 1e-9);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, place) => {
    const value = (first + place) * step;
    return { value, label: numberLabel(value, digits) };
  });
}

/** Thousands are set apart, and a minus is a minus. */
function numberLabel(value: number, digits: number): string {
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return text.replace(/^-0(?![.\d]*[1-9])/, '0').replace('-', '−');
}

const DAY_MILLIS = 86_400_000;
const DATES_MAX = 9;
/** Calendar steps that dates may stand apart, in months or in days. */
const DATE_STEPS = [
  ...[1, 2, 7, 14].map((days) => ({ days, months: 0 })),
  ...[1, 2, 3, 6, 12, 24, 60, 120].map((months) => ({ days: 0, months })),
] as const;

/** First of a month or of a year, or midnights for a short time, UTC; at most nine. */
export function dateTicks(min: number, max: number): Tick[] {
  for (const step of DATE_STEPS) {
    const spacing = step.days * DAY_MILLIS + step.months * 28 * DAY_MILLIS;
    if ((max - min) / spacing > DATES_MAX) continue;
    const ticks =
      step.months > 0 ? monthTicks(min, max, step.months) : dayTicks(min, max, step.days);
    if (ticks.length <= DATES_MAX) return ticks;
  }
  return [];
}

function dayTicks(min: number, max: number, days: number): Tick[] {
  const first = Math.ceil(min / DAY_MILLIS);
  const count = Math.floor((max / DAY_MILLIS - first) / days) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, place) => {
    const value = (first + place * days) * DAY_MILLIS;
    return { value, label: new Date(value).toISOString().slice(5, 10) };
  });
}

function monthTicks(min: number, max: number, months: number): Tick[] {
  const start = new Date(min);
  const ticks: Tick[] = [];
  const firstMonth = start.getUTCFullYear() * 12 + start.getUTCMonth();
  for (let month = Math.floor(firstMonth / months) * months; ; month += months) {
    const value = Date.UTC(Math.floor(month / 12), month % 12);
    if (value > max) return ticks;
    const iso = new Date(value).toISOString();
    if (value >= min) ticks.push({ value, label: iso.slice(0, months % 12 === 0 ? 4 : 7) });
  }
}
