/** What every picture is written with: SVG as text, without ids, fonts, styles or scripts. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in a picture's own units. */
export interface Rect extends Point, Size {}

/** A number in as few signs as a picture needs: hundredths of a unit. */
export function short(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

/** The outline through these points. */
export function polygon(points: readonly Point[]): string {
  return `M${points.map(({ x, y }) => `${short(x)} ${short(y)}`).join('L')}Z`;
}

/** A rectangle with round corners as an outline. */
export function roundedRect({ x, y, width, height }: Rect, radius: number): string {
  const r = Math.min(radius, width / 2, height / 2);
  const corner = (dx: number, dy: number) =>
    `a${short(r)} ${short(r)} 0 0 1 ${short(dx)} ${short(dy)}`;
  return (
    `M${short(x + r)} ${short(y)}h${short(width - 2 * r)}${corner(r, r)}` +
    `v${short(height - 2 * r)}${corner(-r, r)}h${short(2 * r - width)}${corner(-r, -r)}` +
    `v${short(2 * r - height)}${corner(r, -r)}Z`
  );
}

/** A circle as an outline. */
export function circle({ x, y }: Point, radius: number): string {
  const r = short(radius);
  const half = (to: number) => `a${r} ${r} 0 1 1 ${short(to)} 0`;
  return `M${short(x - radius)} ${short(y)}${half(2 * radius)}${half(-2 * radius)}Z`;
}

/** A transformation: drawn so much larger, its origin then at the point. */
export function placed({ x, y }: Point, scale: number): string {
  return `translate(${short(x)} ${short(y)}) scale(${Math.round(scale * 10_000) / 10_000})`;
}

/** A rectangle that is so much smaller on each side; a negative margin makes it larger. */
export function inset({ x, y, width, height }: Rect, margin: number): Rect {
  return {
    x: x + margin,
    y: y + margin,
    width: width - 2 * margin,
    height: height - 2 * margin,
  };
}

/** Attributes by name as they stand in an element; what is undefined is left away. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; without content it is empty. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).flatMap(([attribute, value]) =>
    value === undefined
      ? []
      : [` ${attribute}="${typeof value === 'number' ? short(value) : escapeXml(value)}"`],
  );
  const start = `<${name}${written.join('')}`;
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
}

/** A filled outline. */
export function filled(outline: string, fill: string, attributes: Attributes = {}): string {
  return outline === '' ? '' : element('path', { d: outline, fill, ...attributes });
}

export interface DocumentOptions extends Size {
  /** What there is to be seen, for those who do not see it. */
  readonly title: string;
}

/** A whole picture, its natural size in pixels being its size in units. */
export function svgDocument({ width, height, title }: DocumentOptions, content: string): string {
  const heading = element('title', {}, escapeXml(title));
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      role: 'img',
      viewBox: `0 0 ${short(width)} ${short(height)}`,
      width,
      height,
    },
    heading + content,
  );
}

/** Signs that XML 1.0 cannot hold at all (section 2.2). */
const NO_XML_SIGN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Text as it may stand in XML, between tags or in double quotes. */
export function escapeXml(text: string): string {
  return text
    .replace(NO_XML_SIGN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
