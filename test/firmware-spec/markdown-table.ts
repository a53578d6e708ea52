/** Columns are padded as the formatter pads them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], filler = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, filler)).join(' | ')} |`;
  const rule = line(
    head.map(() => ''),
    '-',
  );
  return [line(head), rule, ...rows.map((row) => line(row))].join('\n');
}

/** Words and what they mean. */
export function meanings(word: string, meaning: Readonly<Record<string, string>>): string {
  return table(
    [word, 'meaning'],
    Object.entries(meaning).map(([name, text]) => [`\`${name}\``, text]),
  );
}
