import { SEGMENTS, type Segment } from '../../firmware-spec/display.ts';
import type { Icon } from '../../firmware-spec/vocabulary.ts';
import type { Frame } from '../device/types.ts';
import { type Point, polygon, type Rect, roundedRect, type Size, short } from './markup.ts';

/**
 * Where everything lies on an LCD's glass, upright, in units of which a cell is 70 high. The origin
 * is the glass's upper left corner.
 */
export interface LcdPlan extends Size, LcdParts {
  /** The outline of a segment; cells count from 0 on the left. */
  segment(cell: number, segment: Segment): string;
  /** A point in the middle of a segment's ink. */
  segmentCentre(cell: number, segment: Segment): Point;
  /** The outline of a countdown mark; they count from 0 at the foot. */
  mark(place: number): string;
  markCentre(place: number): Point;
  /** The outline of an icon; its holes are by the even-odd rule. */
  icon(icon: Icon): string;
  /** A point on the icon's ink. */
  iconCentre(icon: Icon): Point;
}

/** What an LCD has, shown or not. */
export interface LcdParts {
  readonly cells: number;
  readonly marksMax: number;
  readonly icons: readonly Icon[];
}

const CELL = { width: 38, height: 70, pitch: 56, stroke: 8.6 } as const;
/** Half the gap between two segments, across the mitre; and what is cut off an outer corner. */
const GAP = 1.25;
const CORNER = 4;
/** Cells lean to the right by 6 degrees, as nearly all seven-segment displays do. */
const SLANT = Math.tan((6 * Math.PI) / 180);

const MARGIN = { x: 24, y: 19 } as const;
const MARK = { width: 17, thickness: 7.4, toCells: 20 } as const;
const ICON = { width: 27, toCells: 16 } as const;

/** Where everything lies on an LCD of these parts. */
export function planLcd({ cells, marksMax, icons }: LcdParts): LcdPlan {
  const cellsAt = MARGIN.x + (marksMax === 0 ? 0 : MARK.width + MARK.toCells);
  const cellsEnd = cellsAt + Math.max(0, cells * CELL.pitch - (CELL.pitch - CELL.width));
  const iconsAt = cellsEnd + ICON.toCells;
  const end = icons.length === 0 ? cellsEnd : iconsAt + ICON.width;
  const middle = MARGIN.y + CELL.height / 2;
  const lean = ({ x, y }: Point): Point => ({ x: x + (middle - y) * SLANT, y });
  const inCell = (cell: number) => (point: Point) =>
    lean({ x: cellsAt + cell * CELL.pitch + point.x, y: MARGIN.y + point.y });
  const markCentre = (place: number): Point => {
    const pitch = CELL.height / Math.max(1, marksMax);
    const y = MARGIN.y + CELL.height - (place + 0.5) * pitch;
    return lean({ x: MARGIN.x + MARK.width / 2, y });
  };
  const iconBox = (icon: Icon): Rect => {
    const place = Math.max(0, icons.indexOf(icon));
    const height = CELL.height / 2;
    return { x: iconsAt, y: MARGIN.y + place * height, width: ICON.width, height };
  };
  return {
    cells,
    marksMax,
    icons,
    width: end + MARGIN.x,
    height: CELL.height + 2 * MARGIN.y,
    segment: (cell, segment) => polygon(OUTLINES[segment].map(inCell(cell))),
    segmentCentre: (cell, segment) => inCell(cell)(CENTRES[segment]),
    mark: (place) => markOutline(markCentre(place), marksMax),
    markCentre,
    icon: (icon) => ICON_OUTLINES[icon](iconBox(icon)),
    iconCentre: (icon) => ICON_INK[icon](iconBox(icon)),
  };
}

/** What of a frame an LCD is planned for. */
export function partsOf(frame: Frame, icons: readonly Icon[]): LcdParts {
  return { cells: frame.cells.length, marksMax: frame.marksMax, icons };
}

/** The segments of a cell that are on. */
export function segmentsOn(mask: number): Segment[] {
  return SEGMENTS.filter((_, bit) => (mask & (1 << bit)) !== 0);
}

// One cell. Segments meet at mitres of 45 degrees, and g is a bar with pointed ends.

const { width: W, height: H, stroke: T } = CELL;
const MIDDLE = H / 2;
const MITRE = GAP * Math.SQRT2;

const upright = (pairs: readonly (readonly [number, number])[]): Point[] =>
  pairs.map(([x, y]) => ({ x, y }));
const leftToRight = ({ x, y }: Point): Point => ({ x: W - x, y });
const topToBottom = ({ x, y }: Point): Point => ({ x, y: H - y });

const TOP = upright([
  [CORNER, 0],
  [W - CORNER, 0],
  [W - (CORNER + MITRE) / 2, (CORNER - MITRE) / 2],
  [W - T - MITRE, T],
  [T + MITRE, T],
  [(CORNER + MITRE) / 2, (CORNER - MITRE) / 2],
]);
const UPPER_LEFT = upright([
  [0, CORNER],
  [(CORNER - MITRE) / 2, (CORNER + MITRE) / 2],
  [T, T + MITRE],
  [T, MIDDLE - T / 2 - MITRE],
  [T / 2, MIDDLE - MITRE],
  [0, MIDDLE - MITRE],
]);
const BAR = upright([
  [T / 2 + MITRE, MIDDLE],
  [T + MITRE, MIDDLE - T / 2],
  [W - T - MITRE, MIDDLE - T / 2],
  [W - T / 2 - MITRE, MIDDLE],
  [W - T - MITRE, MIDDLE + T / 2],
  [T + MITRE, MIDDLE + T / 2],
]);

const OUTLINES: Readonly<Record<Segment, readonly Point[]>> = {
  a: TOP,
  b: UPPER_LEFT.map(leftToRight),
  c: UPPER_LEFT.map(leftToRight).map(topToBottom),
  d: TOP.map(topToBottom),
  e: UPPER_LEFT.map(topToBottom),
  f: UPPER_LEFT,
  g: BAR,
};

const CENTRES: Readonly<Record<Segment, Point>> = {
  a: { x: W / 2, y: T / 2 },
  b: { x: W - T / 2, y: (MIDDLE + T / 2) / 2 },
  c: { x: W - T / 2, y: H - (MIDDLE + T / 2) / 2 },
  d: { x: W / 2, y: H - T / 2 },
  e: { x: T / 2, y: H - (MIDDLE + T / 2) / 2 },
  f: { x: T / 2, y: (MIDDLE + T / 2) / 2 },
  g: { x: W / 2, y: MIDDLE },
};

/** A bar that leans with the cells. */
function markOutline({ x, y }: Point, marksMax: number): string {
  const thickness = Math.min(MARK.thickness, (CELL.height / Math.max(1, marksMax)) * 0.64);
  const lean = (thickness / 2) * SLANT;
  const half = MARK.width / 2;
  return polygon([
    { x: x - half + lean, y: y - thickness / 2 },
    { x: x + half + lean, y: y - thickness / 2 },
    { x: x + half - lean, y: y + thickness / 2 },
    { x: x - half - lean, y: y + thickness / 2 },
  ]);
}

// Icons, each in a box 27 wide and 35 high: the upper one begins with the cells, the lower one ends
// with them.

const BATTERY = { width: 25, height: 14, wall: 2.2 } as const;
const LOCK = { width: 19, height: 14, shackle: 13 } as const;

const ICON_OUTLINES: Readonly<Record<Icon, (box: Rect) => string>> = {
  /** A cell with little left in it. */
  battery({ x, y }) {
    const { width, height, wall } = BATTERY;
    const outer = { x, y: y + 2, width: width - 3, height };
    const hollow = {
      x: outer.x + wall,
      y: outer.y + wall,
      width: outer.width - 2 * wall,
      height: height - 2 * wall,
    };
    const rest = { x: hollow.x + 1.6, y: hollow.y + 1.6, width: 4, height: hollow.height - 3.2 };
    const pole = { x: outer.x + outer.width + 0.8, y: outer.y + height / 2 - 3, width: 2.4 };
    return (
      roundedRect(outer, 2.6) +
      roundedRect(hollow, 1) +
      roundedRect(rest, 0.6) +
      roundedRect({ ...pole, height: 6 }, 1)
    );
  },
  /** A padlock, closed. */
  lock({ x, y, height: boxHeight }) {
    const { width, height, shackle } = LOCK;
    const left = x + (BATTERY.width - 3 - width) / 2;
    const top = y + boxHeight - height - 2;
    const thickness = 2.8;
    const outer = shackle / 2;
    const inner = outer - thickness;
    const middle = left + width / 2;
    const arch = (radius: number, sweep: 0 | 1) =>
      `v-3.6a${short(radius)} ${short(radius)} 0 0 ${sweep} ` +
      `${short(sweep === 1 ? 2 * radius : -2 * radius)} 0v3.6`;
    return (
      roundedRect({ x: left, y: top, width, height }, 2.2) +
      roundedRect({ x: middle - 1.3, y: top + height / 2 - 2.6, width: 2.6, height: 5.2 }, 1.3) +
      `M${short(middle - outer)} ${short(top - 0.6)}${arch(outer, 1)}h${short(-thickness)}` +
      `${arch(inner, 0)}Z`
    );
  },
};

const ICON_INK: Readonly<Record<Icon, (box: Rect) => Point>> = {
  battery: ({ x, y }) => ({ x: x + BATTERY.wall / 2, y: y + 2 + BATTERY.height / 2 }),
  lock: ({ x, y, height }) => ({ x: x + 5, y: y + height - 2 - LOCK.height / 2 }),
};
