import { BROWN_OUT_VOLTS, LOW_VOLTS } from '../../firmware-spec/physics.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { cellOf } from '../device/cell.ts';
import type { LifeMoment } from '../device/life.ts';
import { line, type Scale, text } from './chart.ts';
import { dateTicks, niceTicks, type Tick } from './chart-ticks.ts';
import { element, polygon, type Rect, short, svgDocument } from './markup.ts';

/** One moment of a life, as its picture needs it. */
export interface LifePoint {
  readonly at: UnixMillis;
  /** At rest, and at the peak of a press. */
  readonly volts: number;
  readonly underLoadVolts: number;
  readonly isLow: boolean;
  readonly isEmpty: boolean;
  /** Device time less true time. */
  readonly offsetMillis: number;
  /** Since it was made. */
  readonly presses: number;
}

export function lifePoint({ device }: Pick<LifeMoment, 'device'>): LifePoint {
  const { asOf, offsetMillis, presses } = device.state;
  const { volts, underLoadVolts, isLow, isEmpty } = cellOf(device);
  return { at: asOf, volts, underLoadVolts, isLow, isEmpty, offsetMillis, presses };
}

export interface LifePictureOptions {
  /** Whose life, and how it was lived: the picture's heading. */
  readonly heading: string;
  readonly subheading: string;
  /** Time tokens: seconds a step, for the scale on the right. Default: no such scale. */
  readonly stepSeconds?: number;
}

const SIZE = { width: 960, height: 792 } as const;
const PLOT = { x: 76, width: 808, height: 168 } as const;
/** Upper edges of the three plots. */
const TOPS = { cell: 128, clock: 352, presses: 576 } as const;
const COLUMNS_MAX = 404;
const COLOURS = {
  paper: '#ffffff',
  edge: '#d5dbe3',
  grey: '#5b6675',
  grid: '#e6eaf0',
  rest: '#2a6db5',
  load: '#c2571a',
  clock: '#6a4bb0',
  presses: '#2c7a5b',
  alarm: '#b3261e',
} as const;
const FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

/**
 * A life as SVG: the cell's voltage at rest and under a press, the clock's drift, and the presses,
 * over the same years. What swings by day and night is drawn as a band from its least to its most.
 *
 * @param points in the order of time; at least one
 */
export function drawLifeSvg(points: readonly LifePoint[], options: LifePictureOptions): string {
  const columns = inColumns(points);
  const time = timeScale(columns);
  const alive = inColumns(untilEmpty(points));
  const content = [
    ground(),
    heading(options),
    cellPlot(alive, time),
    clockPlot(alive, time, options),
    pressesPlot(columns, time),
    milestones(points, time),
  ].join('');
  const title = `${options.heading}. ${options.subheading}`;
  return svgDocument({ ...SIZE, title }, element('g', { 'font-family': FONT }, content));
}

/** An empty cell drives no clock and has nothing to be measured. */
function untilEmpty(points: readonly LifePoint[]): readonly LifePoint[] {
  const empty = points.findIndex(({ isEmpty }) => isEmpty);
  return empty < 0 ? points : points.slice(0, Math.max(1, empty));
}

/** Neighbouring points that fall onto one column of the picture. */
type Column = readonly [LifePoint, ...LifePoint[]];

function inColumns(points: readonly LifePoint[]): Column[] {
  const size = Math.ceil(points.length / COLUMNS_MAX);
  const count = Math.ceil(points.length / size);
  return Array.from({ length: count }, (_, column) =>
    points.slice(column * size, (column + 1) * size),
  ).filter((column): column is LifePoint[] & Column => column.length > 0);
}

function timeScale(columns: readonly Column[]): Scale {
  const min = columns.at(0)?.[0].at ?? 0;
  const max = columns.at(-1)?.at(-1)?.at ?? min;
  const width = Math.max(1, max - min);
  return { min, max, place: (at) => PLOT.x + ((at - min) / width) * PLOT.width };
}

function valueScale(top: number, ticks: readonly Tick[]): Scale {
  const min = ticks.at(0)?.value ?? 0;
  const max = ticks.at(-1)?.value ?? 1;
  const place = (value: number) => {
    const share = (Math.min(max, Math.max(min, value)) - min) / (max - min);
    return top + PLOT.height * (1 - share);
  };
  return { min, max, place };
}

function ground(): string {
  const { width, height } = SIZE;
  return element('rect', {
    ...{ x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 10 },
    ...{ fill: COLOURS.paper, stroke: COLOURS.edge },
  });
}

function heading({ heading: first, subheading }: LifePictureOptions): string {
  return (
    text(first, { x: 32, y: 46, size: 22, weight: 600 }) +
    text(subheading, { x: 32, y: 72, size: 14, fill: COLOURS.grey })
  );
}

function cellPlot(columns: readonly Column[], time: Scale): string {
  const voltTicks = [1.5, 2, 2.5, 3, 3.5].map((value) => ({ value, label: value.toFixed(1) }));
  const scale = valueScale(TOPS.cell, voltTicks);
  const band = (of: (point: LifePoint) => number, fill: string) =>
    bandPath(columns, { time, scale, of, fill });
  const limit = (volts: number, words: string) => {
    const y = scale.place(volts);
    return (
      line({ x1: PLOT.x, x2: PLOT.x + PLOT.width, y1: y, y2: y }, COLOURS.alarm, '5 4') +
      text(words, { x: PLOT.x + 6, y: y - 5, size: 11, fill: COLOURS.alarm })
    );
  };
  return (
    frame(TOPS.cell, 'Cell, volts', { time, scale, ticks: voltTicks }) +
    key(TOPS.cell, [
      ['at rest', COLOURS.rest],
      ['under a press', COLOURS.load],
    ]) +
    limit(LOW_VOLTS, 'under a press below this: low') +
    limit(BROWN_OUT_VOLTS, 'under a press below this: resets') +
    band(({ underLoadVolts }) => underLoadVolts, COLOURS.load) +
    band(({ volts }) => volts, COLOURS.rest)
  );
}

function clockPlot(
  columns: readonly Column[],
  time: Scale,
  { stepSeconds }: LifePictureOptions,
): string {
  const seconds = ({ offsetMillis }: LifePoint) => offsetMillis / 1000;
  const all = columns.flat().map(seconds);
  const ticks = niceTicks(Math.min(0, ...all), Math.max(0, ...all));
  const scale = valueScale(TOPS.clock, ticks);
  const steps =
    stepSeconds === undefined
      ? ''
      : stepAxis(niceTicks(scale.min / stepSeconds, scale.max / stepSeconds), scale, stepSeconds);
  return (
    frame(TOPS.clock, 'Clock, seconds fast (+) or slow (−)', { time, scale, ticks }) +
    steps +
    linePath(columns, { time, scale, of: seconds, stroke: COLOURS.clock })
  );
}

/** The same drift in whole steps, on the right: what a server's window is counted in. */
function stepAxis(ticks: readonly Tick[], scale: Scale, stepSeconds: number): string {
  const whole = ticks.filter(({ value }) => {
    const at = value * stepSeconds;
    return at >= scale.min && at <= scale.max && Number.isInteger(value);
  });
  if (!whole.some(({ value }) => value !== 0)) return '';
  const right = PLOT.x + PLOT.width;
  const style = { size: 12, fill: COLOURS.grey } as const;
  const labels = whole.map(({ value }) => {
    const y = scale.place(value * stepSeconds) + 4;
    return text(value.toLocaleString('en-US').replace('-', '−'), { x: right + 8, y, ...style });
  });
  const unit = { x: right, y: TOPS.clock - 12, anchor: 'end' } as const;
  return labels.join('') + text(`steps of ${stepSeconds} s`, { ...unit, ...style });
}

function pressesPlot(columns: readonly Column[], time: Scale): string {
  const presses = (point: LifePoint) => point.presses;
  const last = columns.at(-1)?.at(-1)?.presses ?? 0;
  const ticks = niceTicks(0, Math.max(4, last));
  const scale = valueScale(TOPS.presses, ticks);
  const bottom = TOPS.presses + PLOT.height;
  const outline = [
    { x: PLOT.x, y: bottom },
    ...linePoints(columns, { time, scale, of: presses }),
    { x: PLOT.x + PLOT.width, y: bottom },
  ];
  return (
    frame(TOPS.presses, 'Presses since it was made', { time, scale, ticks }) +
    element('path', { d: polygon(outline), fill: COLOURS.presses, 'fill-opacity': 0.14 }) +
    linePath(columns, { time, scale, of: presses, stroke: COLOURS.presses })
  );
}

/** Where the cell was low first, and where it was empty: a line through all three plots. */
function milestones(points: readonly LifePoint[], time: Scale): string {
  const empty = points.find(({ isEmpty }) => isEmpty);
  const low = points.find(({ isLow, isEmpty }) => isLow && !isEmpty);
  const marks = [
    { point: low, word: 'first low' },
    { point: empty, word: 'empty' },
  ];
  return marks
    .map(({ point, word }) => {
      if (point === undefined || point.at === time.min) return '';
      const x = time.place(point.at);
      const isLate = x > PLOT.x + PLOT.width - 30;
      const label = { x: x + (isLate ? 0 : 4), y: TOPS.cell + PLOT.height - 6, size: 11 };
      const anchor = word === 'empty' && !isLate ? 'start' : 'end';
      const away = anchor === 'end' ? { ...label, x: x - 4 } : label;
      return (
        line(
          { x1: x, x2: x, y1: TOPS.cell, y2: TOPS.presses + PLOT.height },
          COLOURS.alarm,
          '2 3',
        ) + text(word, { ...away, fill: COLOURS.alarm, anchor })
      );
    })
    .join('');
}

interface Axes {
  readonly time: Scale;
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
}

/** What stands behind every plot: its name, its grid, and the dates below. */
function frame(top: number, name: string, { time, scale, ticks }: Axes): string {
  const right = PLOT.x + PLOT.width;
  const rows = ticks.map(({ value, label }) => {
    const y = scale.place(value);
    const colour = value === 0 ? COLOURS.grey : COLOURS.grid;
    return (
      line({ x1: PLOT.x, x2: right, y1: y, y2: y }, colour) +
      text(label, { x: PLOT.x - 8, y: y + 4, size: 12, fill: COLOURS.grey, anchor: 'end' })
    );
  });
  const bottom = top + PLOT.height;
  const dates = dateTicks(time.min, time.max).map(({ value, label }) => {
    const x = time.place(value);
    return (
      line({ x1: x, x2: x, y1: top, y2: bottom }, COLOURS.grid) +
      text(label, { x, y: bottom + 18, size: 12, fill: COLOURS.grey, anchor: 'middle' })
    );
  });
  return rows.join('') + dates.join('') + text(name, { x: 32, y: top - 12, size: 14, weight: 600 });
}

/** Which colour is which, at the right of a plot's name. */
function key(top: number, entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(([words, fill], place) => {
      const x = PLOT.x + PLOT.width + 18 - 120 * (entries.length - place);
      const swatch: Rect = { x, y: top - 20, width: 14, height: 6 };
      return (
        element('rect', { ...swatch, rx: 3, fill }) +
        text(words, { x: x + 20, y: top - 12, size: 12, fill: COLOURS.grey })
      );
    })
    .join('');
}

interface Course {
  readonly time: Scale;
  readonly scale: Scale;
  readonly of: (point: LifePoint) => number;
}

/** From the least to the most of each column, at least a line's width. */
function bandPath(
  columns: readonly Column[],
  { time, scale, of, fill }: Course & { readonly fill: string },
): string {
  const edge = (choose: (...values: number[]) => number, out: number) =>
    columns.map((column) => ({
      x: time.place(column[0].at),
      y: scale.place(choose(...column.map(of))) + out,
    }));
  const outline = [...edge(Math.max, -1), ...edge(Math.min, 1).reverse()];
  return element('path', { d: polygon(outline), fill, 'fill-opacity': 0.85 });
}

function linePoints(columns: readonly Column[], { time, scale, of }: Course) {
  const last = columns.at(-1)?.at(-1);
  const firsts = columns.map((column) => column[0]);
  const points = last === undefined ? firsts : [...firsts, last];
  return points.map((point) => ({ x: time.place(point.at), y: scale.place(of(point)) }));
}

function linePath(
  columns: readonly Column[],
  { stroke, ...course }: Course & { readonly stroke: string },
): string {
  const d = linePoints(columns, course)
    .map(({ x, y }, place) => `${place === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`)
    .join('');
  return element('path', { d, fill: 'none', stroke, 'stroke-width': 2 });
}
