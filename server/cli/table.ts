/**
 * What a person is shown of text that others wrote (a maker's name, a reason): a control character
 * could move the cursor or rewrite the screen, so it shows as a replacement sign.
 */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '\uFFFD');

/** Rows under their headings, in columns two spaces apart; `none` where there are no rows. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): string {
  if (rows.length === 0) return none;
  const all = [headings, ...rows].map((row) => row.map(printable));
  const widths = headings.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Named values, one a line; those that are undefined are left out. */
export function formatFields(fields: Readonly<Record<string, string | undefined>>): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown
    .map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${printable(value ?? '')}`)
    .join('\n');
}
