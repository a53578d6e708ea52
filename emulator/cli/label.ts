/** Lists and labels of a token for a terminal. */

const VALUE_WIDTH_MAX = 60;
const NAME_WIDTH = 8;

/** Text from foreign files: nothing in it may move the cursor. */
export function printable(text: string): string {
  const plain = text.replace(/\p{C}/gu, '?');
  return plain.length > VALUE_WIDTH_MAX ? `${plain.slice(0, VALUE_WIDTH_MAX - 1)}…` : plain;
}

/** Names and values under each other; rows without a value are left out. */
export function listed(rows: readonly (readonly [string, string | undefined])[]): string[] {
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(NAME_WIDTH)} ${value}`],
  );
}

const ASCII_SIGNS: Readonly<Record<string, string>> = { '°': '', '−': '-', '…': '...' };

/** What a terminal without Unicode can show of it. */
export function inAscii(text: string): string {
  return text.replace(/[^ -~]/gu, (sign) => ASCII_SIGNS[sign] ?? '?');
}

/** Lines on a label of their own. */
export function boxed(lines: readonly string[], { ascii }: { readonly ascii: boolean }): string[] {
  const width = Math.max(...lines.map((line) => line.length));
  const [flat, tall, corners] = ascii ? ['-', '|', '++++'] : ['─', '│', '╭╮╰╯'];
  const rule = flat.repeat(width + 2);
  const corner = (place: number): string => corners.charAt(place);
  return [
    corner(0) + rule + corner(1),
    ...lines.map((line) => `${tall} ${line.padEnd(width)} ${tall}`),
    corner(2) + rule + corner(3),
  ];
}
