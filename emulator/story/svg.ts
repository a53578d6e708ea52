/** A terminal's text, with its colours, as an SVG picture. */
export interface SvgOptions {
  /** For readers who do not see the picture. */
  readonly title: string;
  /** Columns of the terminal. Default 84. */
  readonly columns?: number;
}

interface Style {
  bold: boolean;
  dim: boolean;
  foreground: string | undefined;
  background: string | undefined;
}

interface Run extends Style {
  readonly text: string;
  readonly column: number;
}

const CELL = { width: 8.4, height: 18, size: 14 } as const;
const MARGIN = 14;
const COLOURS = { paper: '#14181f', ink: '#d5dae2' } as const;
/** SGR 30 to 37. */
const NAMED = ['#14181f', '#e06c75', '#8fcf7f', '#e5c07b', '#61afef', '#c678dd', '#6cc7d9', '#fff'];
const CUBE = [0, 95, 135, 175, 215, 255] as const;

export function terminalSvg(ansi: string, { title, columns = 84 }: SvgOptions): string {
  const lines = ansi.replace(/\n+$/, '').split('\n');
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN;
  const rows = lines.map((line, row) =>
    runsOf(line)
      .map((run) => draw(run, row))
      .join(''),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${COLOURS.paper}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"` +
      ` font-size="${CELL.size}" xml:space="preserve">`,
    ...rows.filter((row) => row !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const CONTROL_SEQUENCE = '\u001b[';

function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let style: Style = plain();
  let column = 0;
  const [first = '', ...painted] = line.split(CONTROL_SEQUENCE);
  const add = (text: string) => {
    if (text !== '') runs.push({ ...style, text, column });
    column += [...text].length;
  };
  add(first);
  for (const part of painted) {
    const end = part.indexOf('m');
    style = restyled(style, part.slice(0, end).split(';').map(Number));
    add(part.slice(end + 1));
  }
  return runs;
}

const plain = (): Style => ({
  bold: false,
  dim: false,
  foreground: undefined,
  background: undefined,
});

function restyled(before: Style, codes: readonly number[]): Style {
  const style = { ...before };
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) Object.assign(style, plain());
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code >= 30 && code <= 37) style.foreground = NAMED[code - 30];
    else if (code === 38 || code === 48) {
      const colour = indexed(codes[index + 2] ?? 0);
      if (code === 38) style.foreground = colour;
      else style.background = colour;
      index += 2;
    }
  }
  return style;
}

/** The 6 x 6 x 6 cube and the greys of the 256-colour palette. */
function indexed(index: number): string {
  if (index < 16) return NAMED[index % 8] ?? COLOURS.ink;
  if (index > 231) {
    const grey = 8 + 10 * (index - 232);
    return `rgb(${grey},${grey},${grey})`;
  }
  const cube = index - 16;
  const level = (place: number) => CUBE[Math.floor(cube / place) % 6] ?? 0;
  return `rgb(${level(36)},${level(6)},${level(1)})`;
}

/** Its width is given, so that box-drawing signs meet whatever font is used. */
function draw(run: Run, row: number): string {
  const x = MARGIN + run.column * CELL.width;
  const y = MARGIN + row * CELL.height;
  const width = [...run.text].length * CELL.width;
  const ground =
    run.background === undefined
      ? ''
      : `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${CELL.height}"` +
        ` fill="${run.background}" shape-rendering="crispEdges"/>`;
  if (run.text.trim() === '') return ground;
  const attributes = [
    `x="${x.toFixed(1)}"`,
    `y="${(y + CELL.height * 0.75).toFixed(1)}"`,
    `textLength="${width.toFixed(1)}"`,
    'lengthAdjust="spacingAndGlyphs"',
    `fill="${run.foreground ?? COLOURS.ink}"`,
    ...(run.bold ? ['font-weight="bold"'] : []),
    ...(run.dim ? ['opacity="0.65"'] : []),
  ];
  return `${ground}<text ${attributes.join(' ')}>${escapeXml(run.text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
